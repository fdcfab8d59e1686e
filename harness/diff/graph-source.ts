// Where graphs can be read from: a running server, an RDB file, a restore point of a vault. The last two are loaded into
// an engine of our own, and nothing writes to them: an RDB file is linked or copied.
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { address, type Endpoint, type EndpointOverrides, parseServerUrl } from "../base/endpoint.ts";
import { codeOf, errorMessage, usageError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import type { Engine, EngineProvider } from "../engine/engine.ts";
import { EngineEndedError } from "../engine/load-failure.ts";
import { loadDespiteStall } from "../engine/stall-watch.ts";
import { connect } from "../falkordb/client/connection.ts";
import { momentAsked } from "../vault/restore/asked-moment.ts";
import { restoreBackup, type RestoreContext } from "../vault/restore/restore.ts";
import { blameFor } from "../vault/restore/restore-file.ts";
import { isS3Url } from "../vault/store/s3/s3-place.ts";

export interface GraphSource extends AsyncDisposable {
  /** Without a password. */
  readonly name: string;
  readonly endpoint: Endpoint;
}

export interface SourceOptions {
  readonly engines: EngineProvider;
  /** Credentials and certificates that are not in a server's URL. */
  readonly overrides?: EndpointOverrides;
  /** A vault as it is written before the `#`, opened with its key ring. */
  readonly vaultOf: (vault: string) => Promise<RestoreContext>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export const graphSourceForms =
  "redis://host:port of a FalkorDB, the path of an RDB file, or <vault>#<backup id> (or #latest, or a time), where the vault is a folder or s3://bucket/prefix";

export async function openGraphSource(text: string, options: SourceOptions): Promise<GraphSource> {
  if (isS3Url(text)) return await pointOnS3(text, options);
  if (/^[a-z+]+:\/\//i.test(text)) return await serverSource(parseServerUrl(text, options.overrides), options.signal);
  const hash = text.lastIndexOf("#");
  const file = await kindOf(text);
  if (file === "file") return await rdbSource(text, options);
  if (file === undefined && hash > 0) return await pointSource(text.slice(0, hash), text.slice(hash + 1), options);
  if (file === undefined) throw usageError(`there is no file "${text}"`, `Give ${graphSourceForms}.`);
  const isVault = (await kindOf(`${text}/vault.json`)) === "file";
  throw usageError(
    isVault ? `"${text}" is a vault, and does not say which backup` : `"${text}" is no file, but ${file}`,
    isVault ? `The newest one is ${text}#latest; falkordrill vault list shows all.` : `Give ${graphSourceForms}.`,
  );
}

async function pointOnS3(text: string, options: SourceOptions): Promise<GraphSource> {
  const hash = text.indexOf("#");
  if (hash > 0) return await pointSource(text.slice(0, hash), text.slice(hash + 1), options);
  throw usageError(`"${text}" does not say which backup`, `The newest one is ${text}#latest.`);
}

async function kindOf(path: string): Promise<"file" | "a folder" | "a device, pipe or socket" | undefined> {
  try {
    const facts = await stat(path);
    return facts.isFile() ? "file" : facts.isDirectory() ? "a folder" : "a device, pipe or socket";
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return undefined;
    throw usageError(`"${path}" cannot be read: ${errorMessage(error)}`);
  }
}

async function serverSource(endpoint: Endpoint, signal: AbortSignal): Promise<GraphSource> {
  await using connection = await connect(endpoint, { signal });
  const reply = await connection.command("GRAPH.LIST").catch((error: unknown) => error);
  if (reply instanceof Error && /unknown command/i.test(reply.message))
    throw usageError(`${address(endpoint)} is not a FalkorDB: its server knows no graphs`, "Is it the right port?");
  if (reply instanceof Error) throw reply;
  return { name: address(endpoint), endpoint, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function rdbSource(path: string, { engines, progress, signal }: SourceOptions): Promise<GraphSource> {
  await mustBeRdb(path);
  progress.step(`load ${basename(path)}`);
  // Its indexes are compared by definition, so nothing waits for them; the way around a stall is to build them first.
  const delays = ["yes", "no"];
  const load = (): Promise<Engine> =>
    engines.start({
      rdb: path,
      name: "rdb",
      readiness: "loaded",
      timeoutMs: loadTimeoutMs,
      moduleArgs: { DELAY_INDEXING: delays.shift() ?? "no" },
      redisConfig: { databases },
      signal,
    });
  try {
    return sourceOf(path, await loadDespiteStall(load, (line) => progress.note(line)));
  } catch (error) {
    throw error instanceof EngineEndedError && !signal.aborted ? await blameFor({ engines, signal }, error) : error;
  }
}

const loadTimeoutMs = 3_600_000;
/** More than the default of 16 costs a kilobyte each. */
const databases = "1024";

/** Throws a usage error for what is not an RDB; whether an engine loads it is not looked at. */
async function mustBeRdb(path: string): Promise<void> {
  await using file = await open(path).catch((error: unknown) => {
    throw usageError(`${path} cannot be read: ${errorMessage(error)}`);
  });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0);
  const head = buffer.toString("latin1", 0, bytesRead);
  if (/^REDIS\d{4}$/.test(head)) return;
  const what = bytesRead === 0 ? "it is empty" : "an RDB begins with REDIS and its version";
  const hint = head.startsWith("*") ? " This may be an append-only file." : "";
  throw usageError(`${path} is not an RDB: ${what}`, `Give the dump.rdb of a FalkorDB.${hint}`);
}

async function pointSource(vault: string, moment: string, options: SourceOptions): Promise<GraphSource> {
  const { engines, progress, signal } = options;
  const context = await options.vaultOf(vault);
  const asked = moment === "latest" || moment === "" ? undefined : moment;
  const { point, at } = await momentAsked(context, undefined, asked);
  progress.step(`restore ${point} into an engine of its own`);
  const request = { point, way: "file", engines, progress, signal } as const;
  const { target } = await restoreBackup(context, at === undefined ? request : { ...request, at });
  return sourceOf(`${vault}#${asked ?? point}`, target);
}

function sourceOf(name: string, engine: Engine): GraphSource {
  return { name, endpoint: engine.endpoint, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}
