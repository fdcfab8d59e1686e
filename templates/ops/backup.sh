#!/usr/bin/env bash
# Has the server save, and copies its dump. Outside of a drill, give the variables yourself.
set -euo pipefail
backup=$FALKORDRILL_BACKUP_DIR/$FALKORDRILL_RESTORE_POINT.rdb
redis-cli -e -u "$FALKORDRILL_SOURCE_URL" SAVE
cp "$FALKORDRILL_SOURCE_DATA_DIR/dump.rdb" "$backup.part"
mv "$backup.part" "$backup"
