#!/usr/bin/env bash
# Stops the server, gives it the dump of the backup, starts it.
set -euo pipefail
backup=$FALKORDRILL_BACKUP_DIR/$FALKORDRILL_RESTORE_POINT.rdb
test -s "$backup" || { echo "there is no backup $backup" >&2; exit 1; }
"$FALKORDRILL_STOP_SERVER"
# A server with an append-only file ignores a dump; so the dump becomes the first part of that file.
aof=$FALKORDRILL_TARGET_DATA_DIR/appendonlydir
if [ -d "$aof" ]; then
  rm -rf "$aof"
  mkdir -m 700 "$aof"
  cp "$backup" "$aof/appendonly.aof.1.base.rdb"
  echo "file appendonly.aof.1.base.rdb seq 1 type b" > "$aof/appendonly.aof.manifest"
fi
cp "$backup" "$FALKORDRILL_TARGET_DATA_DIR/dump.rdb"
"$FALKORDRILL_START_SERVER"
