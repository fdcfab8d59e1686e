// `falkordrill gate`: judge runs against a policy, and write the signed evidence.
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { PrivateKey } from "openpgp";
import { systemClock } from "../base/clock.ts";
import { environment } from "../base/environment.ts";
import { errorMessage, usageError } from "../base/errors.ts";
import { pasteable } from "../base/invocation.ts";
import { packageRoot } from "../base/package.ts";
import { decide, type Decision } from "../../reports/gate/decide.ts";
import { markdownDecision } from "../../reports/gate/markdown.ts";
import { decisionPage } from "../../reports/gate/page.ts";
import { terminalDecision } from "../../reports/gate/terminal.ts";
import { oneOf } from "../base/one-of.ts";
import { publishDecision } from "./gate/publish.ts";
import { registerGateKeygen, registerGateVerify } from "./gate/verify.ts";
import { paintOut } from "./terminal/style.ts";
import { passphraseOf } from "./vault/options.ts";

interface GateFlags {
  readonly policy?: string;
  readonly format: string;
  readonly json?: boolean;
  readonly evidence?: string;
  readonly signKey?: string;
  readonly passphraseFile?: string;
  readonly passphraseFd?: string;
}

const formats: Readonly<Record<string, (decision: Decision) => string>> = {
  text: (decision) => terminalDecision(decision, paintOut, pasteable),
  markdown: markdownDecision,
  html: decisionPage,
  json: (decision) => `${JSON.stringify(decision, undefined, 2)}\n`,
};

export function registerGate(program: Command): void {
  const names = Object.keys(formats);
  const gate = program.command("gate").description("judge runs against a policy; write and verify signed evidence");
  gate
    // Flags after `verify` are its own.
    .enablePositionalOptions()
    .argument("<run-dir...>", "folders that `run` wrote; every run given counts")
    .option(
      "--policy <file>",
      "the policy: .yaml, .json or .ts (default: everything planned has passed, in a run of the last 7 days)",
    )
    .option("--format <name>", names.join(", "), "text")
    .option("--json", "the same as --format json")
    .option("--evidence <dir>", "write runs, policy, decision and signed statements into this new folder")
    .option("--sign-key <file>", "armored secret key to sign with (or FALKORDRILL_SIGNING_KEY, the key itself)")
    .option("--passphrase-file <file>", "file with its passphrase (or FALKORDRILL_SIGNING_PASSPHRASE)")
    .option("--passphrase-fd <n>", "file descriptor to read that passphrase from")
    .action(async (directories: string[], flags: GateFlags) => {
      const format = flags.json === true ? "json" : oneOf("--format", flags.format, names);
      const decision = await judge(directories, flags);
      await publishDecision(decision);
      process.stdout.write(formats[format]?.(decision) ?? "");
      process.exitCode = decision.exitCode;
    });
  registerGateVerify(gate);
  registerGateKeygen(gate);
}

/** The package's example policy, for a project that has none yet. */
function defaultPolicy(): string {
  return join(packageRoot(), "schemas", "default.policy.yaml");
}

async function judge(directories: readonly string[], flags: GateFlags): Promise<Decision> {
  const policyPath = resolve(flags.policy ?? defaultPolicy());
  const { nameRuns } = await import("../evidence/run-names.ts");
  const runs = nameRuns(directories);
  const nowMs = systemClock.nowMs();
  if (flags.evidence !== undefined) {
    const key = await signingKey(flags);
    const { writeBundle } = await import("../evidence/write-bundle.ts");
    return writeBundle(resolve(flags.evidence), { runs, policy: policyPath, key, nowMs });
  }
  const { loadPolicy } = await import("../../reports/gate/load-policy.ts");
  const { readRunEvidence } = await import("../../reports/gate/read-evidence.ts");
  const policy = await loadPolicy(policyPath);
  const evidence = [];
  for (const { path, name } of runs) evidence.push(await readRunEvidence(path, name));
  return decide(policy, evidence, nowMs);
}

async function signingKey(flags: GateFlags): Promise<PrivateKey> {
  const { unlockKey, unlockKeyFile } = await import("../vault/keys/key-files.ts");
  const env = environment();
  const passphrase = (await passphraseOf(flags)) ?? env.signingPassphrase;
  if (flags.signKey !== undefined) return mustSign(await unlockKeyFile(resolve(flags.signKey), passphrase));
  if (env.signingKey !== undefined)
    return mustSign(await unlockKey(env.signingKey, passphrase, "the key in FALKORDRILL_SIGNING_KEY"));
  throw usageError(
    "evidence has to be signed, and no key was given",
    "Give --sign-key <file>; `falkordrill gate keygen --keys <dir>` makes one.",
  );
}

/** Expired, revoked, or not yet valid: said before anything is judged. */
async function mustSign(key: PrivateKey): Promise<PrivateKey> {
  await key.getSigningKey().catch((error: unknown) => {
    throw usageError(
      `the key ${key.getFingerprint()} cannot sign: ${errorMessage(error)}`,
      "Give a key that is valid now; `falkordrill gate keygen --keys <dir>` makes one.",
    );
  });
  return key;
}
