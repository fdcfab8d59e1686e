// What people use instead of a backup system: redis-cli piped through a compressor and an encryptor. Measured on the
// same graph in the same run, with the faster settings where there is a choice, so that the comparison is fair.
import { spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../base/clock.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { environmentError } from "../base/errors.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { connect } from "../falkordb/client/connection.ts";
import { waitForIdleFork } from "../falkordb/client/fork-wait.ts";

export interface PeerFigure {
  readonly ms: number;
  readonly storedBytes: number;
}

export interface Peer {
  readonly name: string;
  /** Programs that must be there. */
  readonly needs: readonly string[];
  /** Shell text; `$OUT` is the file to write, `$KEYS` a private folder with what `prepare` made there. */
  readonly prepare: string;
  readonly pipe: string;
}

const quietTimeoutMs = 120_000;

const dump = 'redis-cli -h "$HOST" -p "$PORT" --no-auth-warning --rdb -';

export const peers: readonly Peer[] = [
  {
    name: "redis-cli --rdb | zstd | gpg",
    needs: ["redis-cli", "zstd", "gpg"],
    prepare:
      'gpg --homedir "$KEYS" --batch --quiet --passphrase "" --quick-generate-key bench@example.org rsa3072 encr never',
    // Without gpg's own compression, which would only cost time on data that is compressed already.
    pipe: `${dump} 2> "$KEYS/said" | zstd -q -3 -T0 | gpg --homedir "$KEYS" --batch --quiet --trust-model always -z 0 -r bench@example.org --encrypt > "$OUT"`,
  },
  {
    name: "redis-cli --rdb | zstd | age",
    needs: ["redis-cli", "zstd", "age", "age-keygen"],
    prepare: 'age-keygen -o "$KEYS/key" 2>/dev/null && age-keygen -y "$KEYS/key" > "$KEYS/recipient"',
    pipe: `${dump} 2> "$KEYS/said" | zstd -q -3 -T0 | age -R "$KEYS/recipient" > "$OUT"`,
  },
];

/** The programs of `peer` that this machine does not have. */
export async function missingPrograms(peer: Peer): Promise<string[]> {
  const missing: string[] = [];
  for (const program of peer.needs) {
    if ((await shell(`command -v ${program} >/dev/null`, {})) !== 0) missing.push(program);
  }
  return missing;
}

export async function runPeer(peer: Peer, source: Endpoint, signal: AbortSignal): Promise<PeerFigure> {
  await quiet(source, signal);
  await using folder = await privateFolder("peer");
  const out = join(folder.path, "dump.encrypted");
  const variables = {
    HOST: source.host,
    PORT: String(source.port),
    KEYS: folder.path,
    OUT: out,
    ...(source.password === undefined ? {} : { REDISCLI_AUTH: source.password }),
  };
  await mustSucceed(peer.prepare, variables, signal);
  const startedMs = systemClock.monotonicMs();
  await mustSucceed(peer.pipe, variables, signal);
  const ms = systemClock.monotonicMs() - startedMs;
  await shell('gpgconf --homedir "$KEYS" --kill all 2>/dev/null; true', variables);
  return { ms, storedBytes: (await stat(out)).size };
}

async function quiet(source: Endpoint, signal: AbortSignal): Promise<void> {
  await using connection = await connect(source);
  await waitForIdleFork(connection, { timeoutMs: quietTimeoutMs, signal, exit: "inconclusive" });
}

async function mustSucceed(text: string, variables: Record<string, string>, signal: AbortSignal): Promise<void> {
  const code = await shell(`set -e; ${text}`, variables, signal);
  if (code === 0) return;
  const said = await readFile(join(variables["KEYS"] ?? "", "said"), "utf8").catch(() => "");
  throw environmentError(`the comparison pipe ended with exit code ${code}: ${text}\n${said.slice(-500)}`);
}

function shell(text: string, variables: Record<string, string>, signal?: AbortSignal): Promise<number> {
  const child = spawn("bash", ["-o", "pipefail", "-c", text], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...variables },
    ...(signal === undefined ? {} : { signal }),
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
