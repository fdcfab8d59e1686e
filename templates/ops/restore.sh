#!/usr/bin/env bash
# Stops the server, gives it the dump of the backup, starts it.
set -euo pipefail
backup=$FALKORDRILL_BACKUP_DIR/$FALKORDRILL_RESTORE_POINT.rdb
test -s "$backup" || { echo "there is no backup $backup" >&2; exit 1; }
"$FALKORDRILL_STOP_SERVER"
# A server with an append-only file would load that one and ignore the dump.
rm -rf "$FALKORDRILL_TARGET_DATA_DIR/appendonlydir"
cp "$backup" "$FALKORDRILL_TARGET_DATA_DIR/dump.rdb"
"$FALKORDRILL_START_SERVER"
