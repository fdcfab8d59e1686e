// The commands during which planted secrets are looked for: each that reads or writes a vault, some that fail, and some
// that are stopped or killed in the middle.
import { rm } from "node:fs/promises";
import { allureFormat, formats } from "../../../../reports/formats.ts";
import { serverUrl } from "../../../base/endpoint.ts";
import type { CrashPoint } from "../../../base/process/crash-point.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import { emptyTarget } from "../crash-points/restore.ts";
import type { SecretsSetup } from "./secrets-setup.ts";

export interface SecretCommand {
  /** Unique; names its files. */
  readonly name: string;
  readonly words: readonly string[];
  readonly ends: "well" | "failed" | "killed";
  /** It is stopped here, and killed when its temporary files have been searched. */
  readonly stopAt?: CrashPoint;
  /** It kills itself at the point that it passes as the n-th. */
  readonly killAt?: number;
  readonly interruptAt?: string;
  readonly before?: () => Promise<unknown>;
}

const everyFormat = [...Object.keys(formats), allureFormat.name].join(",");

/** In the short profiles only those that have found something, or that hold the most. */
export function secretCommands(setup: SecretsSetup, isWhole: boolean): readonly SecretCommand[] {
  const { folder, files, source, target, service, change } = setup;
  const vault = ["--vault", `${folder}/vault`];
  const opened = [...vault, "--passphrase-file", files.passphrase];
  const from = ["--url", serverUrl(source.endpoint), "--password-file", files.sourcePassword];
  const to = ["--to", serverUrl(target.endpoint), "--password-file", files.targetPassword];
  const wiped = [
    "--url",
    serverUrl(target.endpoint),
    "--password-file",
    files.targetPassword,
    "--i-understand-this-wipes",
    `${target.endpoint.host}:${target.endpoint.port}`,
  ];
  const application = ["--service", service.url, "--service-token-file", files.token];
  const backup = ["vault", "backup", ...opened, ...from];
  const restore = ["vault", "restore", ...opened];
  const emptied = (): Promise<void> => empty(target);
  const short: SecretCommand[] = [
    { name: "init", words: ["vault", "init", ...opened], ends: "well" },
    { name: "backup", words: [...backup, ...application], ends: "well" },
    { name: "backup-stopped", words: backup, ends: "killed", stopAt: "backup/parts-stored", before: change },
    {
      name: "backup-wrong-password",
      words: ["vault", "backup", ...opened, "--url", setup.urlWithPassword, "--password-file", files.wrongPassword],
      ends: "failed",
    },
  ];
  if (!isWhole) return short;
  return [
    ...short,
    { name: "restore-rdb", words: [...restore, "--rdb-out", `${folder}/out/dump.rdb`], ends: "well" },
    ...commandsOnS3(setup),
    { name: "increment", words: [...backup, "--incremental"], ends: "well", before: change },
    {
      name: "archive",
      words: ["vault", "archive", ...opened, ...from, "--json"],
      ends: "well",
      interruptAt: '"following"',
      before: change,
    },
    { name: "list", words: ["vault", "list", ...vault], ends: "well" },
    { name: "audit", words: ["vault", "audit", ...opened, "--json"], ends: "well" },
    { name: "verify", words: ["vault", "verify", ...opened], ends: "well" },
    { name: "verify-stopped", words: ["vault", "verify", ...opened], ends: "killed", stopAt: "load/loaded" },
    { name: "restore", words: [...restore, "--at", "latest", ...to], ends: "well" },
    { name: "restore-refused", words: [...restore, ...to], ends: "failed" },
    { name: "restore-stopped", words: [...restore, ...to], ends: "killed", stopAt: "target/sent", before: emptied },
    {
      name: "restore-wrong-passphrase",
      words: ["vault", "restore", ...vault, "--passphrase-file", files.wrongPassphrase, ...to],
      ends: "failed",
      before: emptied,
    },
    {
      name: "rdb-stopped",
      words: [...restore, "--rdb-out", `${folder}/out/half.rdb`],
      ends: "killed",
      stopAt: "rdb/half-written",
    },
    {
      name: "backup-wrong-token",
      words: [...backup, "--service", service.url, "--service-token-file", files.wrongToken],
      ends: "failed",
    },
    {
      name: "backup-password-in-url",
      words: ["vault", "backup", ...opened, "--url", setup.urlWithPassword],
      ends: "failed",
    },
    {
      name: "in-place",
      words: ["vault", "restore", ...opened, "--to", ...from.slice(1), "--in-place", "--yes", ...application],
      ends: "well",
    },
    { name: "compact-stopped", words: ["vault", "compact", ...opened], ends: "killed", stopAt: "compact/restored" },
    { name: "compact", words: ["vault", "compact", ...opened], ends: "well" },
    ...[3, 9, 27].map((killAt): SecretCommand => ({
      name: `backup-killed-at-${killAt}`,
      words: [...backup, ...application],
      ends: "killed",
      killAt,
      before: change,
    })),
    { name: "prune", words: ["vault", "prune", ...opened, "--keep-last", "2"], ends: "well" },
    { name: "generate", words: ["vault", "keys", "generate", ...opened, "--name", "next"], ends: "well" },
    {
      name: "generate-killed",
      words: ["vault", "keys", "generate", ...opened, "--name", "other"],
      ends: "killed",
      killAt: 1,
    },
    {
      name: "rotate",
      words: ["vault", "keys", "rotate", ...opened, "--retire", "interop", "--re-encrypt"],
      ends: "well",
    },
    { name: "keys-drill", words: ["vault", "keys", "drill", ...opened], ends: "well" },
    {
      name: "passphrase",
      words: ["vault", "keys", "passphrase", ...opened, "--new-passphrase-file", files.newPassphrase],
      ends: "well",
    },
    {
      name: "run",
      words: ["run", "cycle/full", "--nodes", "50", "--engine", "external", "--out", `${folder}/run`, ...wiped],
      ends: "well",
      before: emptied,
    },
    {
      name: "report",
      words: ["report", `${folder}/run`, "--out", `${folder}/reports`, "--format", everyFormat],
      ends: "well",
    },
  ];
}

/** With planted credentials in the environment, and to an address where nothing answers. */
function commandsOnS3({ folder, files, source, bucket }: SecretsSetup): readonly SecretCommand[] {
  if (bucket === undefined) return [];
  const keys = ["--keys", `${folder}/vault-keys`, "--passphrase-file", files.passphrase];
  const place = ["--vault", `s3://${bucket.bucket}/graph`, "--endpoint"];
  const at = (endpoint: string): readonly string[] => [...place, endpoint, ...keys];
  const from = ["--url", serverUrl(source.endpoint), "--password-file", files.sourcePassword];
  const opened = at(bucket.endpoint);
  const file = `${folder}/out/dump.rdb`;
  return [
    { name: "init-s3", words: ["vault", "init", ...opened], ends: "well" },
    { name: "backup-s3", words: ["vault", "backup", ...opened, ...from], ends: "well" },
    { name: "list-s3", words: ["vault", "list", ...opened, "--json"], ends: "well" },
    {
      name: "restore-s3",
      words: ["vault", "restore", ...opened, "--rdb-out", file],
      ends: "well",
      before: () => rm(file),
    },
    { name: "backup-s3-unanswered", words: ["vault", "backup", ...at("http://127.0.0.1:9"), ...from], ends: "failed" },
  ];
}

async function empty(target: Engine): Promise<void> {
  await using connection = await connect(target.endpoint);
  await emptyTarget(connection);
}
