import { defineConfig } from "falkordrill";

export default defineConfig({
  systems: {
    nightly: {
      // Any program; the variables that it gets are in node_modules/falkordrill/docs/reference/configuration.md.
      backup: "./ops/backup.sh",
      restore: "./ops/restore.sh",
      // What you do not have is reported as not covered:
      // list: "./ops/list.sh",
      // verify: "./ops/verify.sh",
      // prune: "./ops/prune.sh",
      timeout: "10m",
      // "fresh": into a new, empty server. "in-place": into the server that lost its data.
      target: "fresh",
      // What each backup must leave; any file in $FALKORDRILL_BACKUP_DIR if this is left out.
      // artifacts: "$FALKORDRILL_BACKUP_DIR/*.rdb",
    },
  },
  // Settings of the server as production has them (this one is the default of the FalkorDB image), such as appendonly: "yes", maxmemory: "2gb", TIMEOUT: 1000.
  server: { RESULTSET_SIZE: 10000 },
  // A slower recovery, or more lost time, ends with exit code 12.
  objectives: { rto: "15m", rpo: "24h" },
  scenarios: ["drills/**/*.scenario.ts"],
});
