// The examples below the flags in each `--help`. Every line is a command that can be pasted; a test parses each of them.

type Examples = readonly (readonly [does: string, command: string])[];

const run = ".falkordrill/runs/2026-01-31-120000-1";
const server = "redis://127.0.0.1:6379";

/** Examples by command name, such as "vault backup". */
export const examples: Readonly<Record<string, Examples>> = {
  "": [
    ["one full drill: back up, break, restore, prove", "falkordrill run cycle/full"],
    ["what this machine can run", "falkordrill doctor"],
    ["what a finding means", "falkordrill explain node-missing"],
  ],
  init: [
    ["begin in this repository", "falkordrill init"],
    ["without TypeScript, in another folder", "falkordrill init ops/drills --format yaml"],
  ],
  run: [
    ["the drill of a desk", "falkordrill run"],
    ["one scenario, with another seed", "falkordrill run cycle/full --seed 7"],
    ["all whose id contains a word, larger", "falkordrill run cycle --nodes 100k"],
    ["what there is, how large and how long", "falkordrill run --list --profile nightly"],
    ["a backup system of the configuration, and what it would call", "falkordrill run --system nightly --dry-run"],
    ["what every backup system must do", "falkordrill run conformance --system nightly"],
    [
      "on a FalkorDB of one's own, which is emptied",
      "falkordrill run cycle/full --url redis://127.0.0.1:6379 --i-understand-this-wipes 127.0.0.1:6379",
    ],
  ],
  estimate: [
    ["what a backup of this server will take", `falkordrill estimate --url ${server}`],
    [
      "and a recovery, by the restores that a vault has measured",
      `falkordrill estimate --url ${server} --vault /backups/falkordb --rto 15m`,
    ],
  ],
  verify: [["judge a run again, without an engine", `falkordrill verify ${run}`]],
  report: [
    ["the summary again", `falkordrill report ${run}`],
    ["files for a CI", `falkordrill report ${run} --format html,junit,markdown --out report`],
    ["against objectives", `falkordrill report ${run} --rto 30s --rpo 0`],
  ],
  explain: [
    ["a finding", "falkordrill explain index-missing"],
    ["a metric", "falkordrill explain rtoMs"],
    ["an exit code", "falkordrill explain 13"],
    ["all of them", "falkordrill explain"],
  ],
  compare: [
    ["two runs: verdicts, then figures", `falkordrill compare ${run} .falkordrill/runs/2026-02-01-120000-1`],
    ["everything that was measured", "falkordrill compare base-runs head-runs --all"],
    ["where a history of benchmarks changed", "falkordrill compare --history bench.jsonl --html trend.html"],
  ],
  shrink: [
    ["the smallest reproduction of what a run found", `falkordrill shrink ${run}`],
    ["of another of its findings, with more time", `falkordrill shrink ${run} --finding index-missing --timeout 5m`],
    ["does it still show?", `falkordrill shrink --replay ${run}/shrunk/replay.json`],
  ],
  diff: [
    ["is everything of the server in the dump?", `falkordrill diff ${server} dump.rdb`],
    ["a backup of a vault with what the server holds now", `falkordrill diff backups#latest ${server}`],
    ["one graph under two names", `falkordrill diff old.rdb new.rdb --graph team_alpha=team_beta`],
  ],
  assess: [
    ["the scorecard of the system that a run drilled", `falkordrill assess ${run}`],
    ["of several of its runs, as files", `falkordrill assess ${run} --format html,markdown,json --out readiness`],
    ["against objectives", `falkordrill assess ${run} --rto 15m --rpo 5m --max-age 30d`],
  ],
  gate: [
    ["everything passed, and lately", `falkordrill gate ${run}`],
    ["by a policy of one's own", `falkordrill gate ${run} --policy release.policy.yaml`],
    ["with signed evidence", `falkordrill gate ${run} --evidence evidence --sign-key signer.secret.asc`],
  ],
  "gate verify": [["check a bundle offline", "falkordrill gate verify evidence --key signer-release.public.asc"]],
  "gate keygen": [["keys to sign evidence with", "falkordrill gate keygen --keys gate-keys"]],
  prove: [
    ["every mutant: faults that a drill must find", "falkordrill prove"],
    ["what there is", "falkordrill prove --list"],
    ["one of them again", "falkordrill prove --mutant total-loss/edges --seed 7"],
    ["a sample, as in a CI", "falkordrill prove --sample 12 --seed 7"],
    ["drills without a fault, which must be silent", "falkordrill prove --clean 300"],
  ],
  generate: [
    ["the shape of a graph", "falkordrill generate --nodes 100k"],
    ["a graph into a FalkorDB", `falkordrill generate --nodes 1k --dims 16 --url ${server}`],
  ],
  monitor: [
    ["a vault, on this machine", "falkordrill monitor --vault backups --no-token"],
    [
      "what falkordrill.config names, for Prometheus",
      "falkordrill monitor --token-file token --listen 0.0.0.0:9464 --tls-cert cert.pem --tls-key key.pem",
    ],
  ],
  analyze: [
    ["a vault and its drills", "falkordrill analyze --vault backups --runs .falkordrill/runs"],
    [
      "when objectives will be broken, as a page",
      "falkordrill analyze --vault backups --window 1h --html analysis.html",
    ],
    [
      "what it costs, and would cost",
      "falkordrill analyze --vault backups --prices prices.yaml --what-if every=1h,keep-daily=7",
    ],
  ],
  engine: [
    ["a FalkorDB until Ctrl-C", "falkordrill engine --port 6380"],
    ["one that keeps its graphs, set as in production", "falkordrill engine --dir data --server RESULTSET_SIZE=10000"],
  ],
  bench: [
    ["one benchmark", "falkordrill bench cycle --nodes 10k"],
    ["this version against another, in turns", "falkordrill bench --against main"],
  ],
  doctor: [["what this machine can run", "falkordrill doctor"]],
  vault: [
    ["a vault and its keys", "falkordrill vault init --vault backups"],
    ["a backup", `falkordrill vault backup --vault backups --url ${server}`],
    ["what there is", "falkordrill vault list --vault backups"],
    ["the newest one back", "falkordrill vault restore --vault backups --to redis://127.0.0.1:6380"],
  ],
  "vault init": [
    ["a vault, and keys next to it", "falkordrill vault init --vault backups"],
    [
      "a vault in a bucket",
      "falkordrill vault init --vault s3://backups/graph --region eu-central-1 --keys graph-keys",
    ],
    [
      "one whose store lets nobody delete a backup for 30 days",
      "falkordrill vault init --vault s3://far/graph --keys graph-keys --object-lock compliance=30d",
    ],
  ],
  "vault replicate": [
    ["a second vault, with what it lacks", "falkordrill vault replicate --from backups --to /mnt/far/backups"],
    [
      "one in a bucket, kept up to date until Ctrl-C",
      "falkordrill vault replicate --from backups --to s3://far/graph --to-region eu-west-1 --follow",
    ],
    ["whether the locks of an object store lock", "falkordrill vault replicate --probe-lock --to s3://backups/graph"],
  ],
  "vault extend-locks": [
    [
      "each day, where the credentials of the backup host are not",
      "falkordrill vault extend-locks --vault s3://far/graph --keys public-keys --keep-daily 7 --keep-monthly 12",
    ],
  ],
  "vault hold": [
    [
      "keep a backup for as long as nobody lifts it",
      "falkordrill vault hold 20261130T020000Z-0123abcd --vault s3://far/graph --keys graph-keys",
    ],
  ],
  "vault list": [
    ["the backups", "falkordrill vault list --vault backups"],
    ["and their object locks", "falkordrill vault list --locks --vault s3://far/graph --keys graph-keys"],
  ],
  "vault browse": [
    ["the graphs of the newest backup, their labels and indexes", "falkordrill vault browse --vault backups"],
    [
      "what a node or edge was at its cut",
      "falkordrill vault browse --vault backups --graph team --uuid 6f1c0b52-8d8e-4c35-9f6e-0c3b7f6a4a10",
    ],
    [
      "how many nodes each label had, in an older one",
      "falkordrill vault browse 20261130T020000Z-0123abcd --vault backups --counts",
    ],
  ],
  "vault backup": [
    ["every graph of a server", `falkordrill vault backup --vault backups --url ${server}`],
    ["what changed since the last one", `falkordrill vault backup --vault backups --url ${server} --incremental`],
    [
      "with a password that is in no command line",
      `falkordrill vault backup --vault backups --url ${server} --password-file password`,
    ],
  ],
  "vault archive": [["increments without end", `falkordrill vault archive --vault backups --url ${server}`]],
  "vault restore": [
    ["the newest backup into an empty server", "falkordrill vault restore --vault backups --to redis://127.0.0.1:6380"],
    ["a moment", "falkordrill vault restore --vault backups --at 2026-01-31T12:00:00Z --to redis://127.0.0.1:6380"],
    ["an RDB for a server of one's own", "falkordrill vault restore --vault backups --rdb-out dump.rdb"],
  ],
  "vault verify": [["restore the newest backup and look at it", "falkordrill vault verify --vault backups"]],
  "vault prune": [
    ["what would go", "falkordrill vault prune --vault backups --keep-last 7 --dry-run"],
    ["keep seven", "falkordrill vault prune --vault backups --keep-last 7"],
  ],
  "vault pin": [
    [
      "keep one whatever the rules say",
      "falkordrill vault pin --vault backups 20260131T120000Z-1a2b3c --why 'before the upgrade'",
    ],
  ],
  "vault unpin": [["let the rules decide again", "falkordrill vault unpin --vault backups 20260131T120000Z-1a2b3c"]],
  "vault compact": [["the newest chain as one backup", "falkordrill vault compact --vault backups"]],
  "vault discard": [["remove what is damaged", "falkordrill vault discard --vault backups 20260131T120000Z-1a2b3c"]],
  "vault unlock": [["after a crash on another machine", "falkordrill vault unlock --vault backups"]],
  "vault keys": [["the keys of a vault", "falkordrill vault keys list --vault backups"]],
  "vault keys list": [["the keys of a vault", "falkordrill vault keys list --vault backups"]],
  "vault keys generate": [
    ["a second recipient", "falkordrill vault keys generate --vault backups --name offsite"],
    [
      "locked with a passphrase",
      "falkordrill vault keys generate --vault backups --name offsite --passphrase-file secret",
    ],
  ],
  "vault keys import": [
    ["the public key of a colleague", "falkordrill vault keys import colleague.asc --vault backups --name colleague"],
  ],
  "vault keys rotate": [
    ["new backups no longer go to ben", "falkordrill vault keys rotate --vault backups --retire ben"],
    ["nor can ben open the old ones", "falkordrill vault keys rotate --vault backups --re-encrypt"],
  ],
  "vault keys revoke": [
    ["a stolen key", "falkordrill vault keys revoke ben --vault backups --why 'stolen with a laptop'"],
  ],
  "vault keys passphrase": [
    ["another passphrase", "falkordrill vault keys passphrase --vault backups --new-passphrase-file passphrase.txt"],
  ],
  "vault keys drill": [
    ["where a secret key is", "falkordrill vault keys drill --vault backups --report ana.json"],
    ["collected", "falkordrill vault keys drill --vault backups --reports ana.json ben.json"],
  ],
  "vault audit": [
    ["who did what", "falkordrill vault audit --vault backups"],
    ["accept what is there", "falkordrill vault audit --vault backups --adopt"],
  ],
  "vault keys export": [["a public key to pass on", "falkordrill vault keys export offsite --vault backups"]],
};
