// What a restore over the wire that was killed has left on its target: a replica of a process that is gone, or a primary
// behind a closed write gate. Its `masterauth` says that it is ours, and holds the settings from before.
import { randomBytes } from "node:crypto";
import { address, type Endpoint, serverUrl } from "../../base/endpoint.ts";
import { DrillError, usageError } from "../../base/errors.ts";
import { shellWord } from "../../base/invocation.ts";
import { waitFor } from "../../base/wait.ts";
import type { Command, Connection } from "../../falkordb/client/connection.ts";
import { type Limit, setLimits } from "../../falkordb/client/result-limits.ts";
import type { Keyring } from "../keys/keyring.ts";
import { openSecret } from "../keys/sealed-secret.ts";
import type { RestoreJob } from "./load-job.ts";
import {
  closedGate as closed,
  gateCommand,
  type GateSettings,
  markOf,
  openGateSettings,
  restoreMark,
} from "./write-gate.ts";

const markName = "falkordrill-restore";
/** The mark of a restore in place: what is on the server is not ours to remove. */
const markInPlace = "falkordrill-in-place";
const reconnectMs = 2500;

/** What undoes a restore: the server was empty before, and took writes from no other client. */
const emptying: readonly Command[] = [["FLUSHALL"], ["FUNCTION", "FLUSH"], ["GRAPH.UDF", "FLUSH"]];

/** What a restore has changed on its target: the settings are those from before. */
export interface LeftRestore {
  /** Whether the target may have held data: only a restore in place knows what belongs there. */
  readonly isReplaced: boolean;
  readonly limits: readonly Limit[];
  readonly gate: GateSettings;
  /** The server's own `masterauth`, sealed; empty where it had none. */
  readonly sealedAuth: string;
}

export const nothingLeft: LeftRestore = { isReplaced: false, limits: [], gate: openGateSettings, sealedAuth: "" };

/** Prefix of a password: it says to the next restore what this one has changed, should it be killed. */
export function markOfRestore({ isReplaced, limits, gate, sealedAuth }: LeftRestore): string {
  const were = limits.map((limit) => limit.join("=")).join(",");
  const name = isReplaced ? markInPlace : markName;
  return `${name}:${were}:${gate.join(",")}:${randomBytes(8).toString("hex")}:${sealedAuth}:`;
}

export function leftIn(masterauth: string): LeftRestore | undefined {
  // That of an earlier version ends with the password in place of the sealed setting.
  const [name, limits = "", gate = "", , sealedAuth = "", password] = masterauth.split(":");
  if (name !== markName && name !== markInPlace) return undefined;
  const [replicas = openGateSettings[0], lag = openGateSettings[1]] = gate.split(",");
  return {
    isReplaced: name === markInPlace,
    limits: limits
      .split(",")
      .filter((text) => text !== "")
      .map((text): Limit => {
        const [limit = "", value] = text.split("=");
        return [limit, Number(value)];
      }),
    gate: [replicas, lag],
    sealedAuth: password === undefined ? "" : sealedAuth,
  };
}

/** Restores the settings that a killed restore has left on a server which is a primary again. */
export async function releaseLeft(
  connection: Connection,
  keyring: Keyring,
  note: (line: string) => void,
): Promise<void> {
  const [, masterauth = ""] = (await connection.command("CONFIG", "GET", "masterauth")) as string[];
  const left = leftIn(masterauth);
  if (left === undefined) return;
  await setLimits(connection, left.limits);
  const own = left.sealedAuth === "" ? "" : await openSecret(keyring, left.sealedAuth);
  if (own === undefined)
    note(
      `the masterauth of ${address(connection.endpoint)} could not be put back, as ${keyring.folder} has no secret key that it was sealed to: set it by hand`,
    );
  await connection.command("CONFIG", "SET", "masterauth", own ?? "");
}

/** The commands with which a user gets an empty server that is not a replica. */
export function wayOut(target: Endpoint, { limits, gate, isReplaced }: LeftRestore): string {
  if (isReplaced) {
    const to = shellWord(serverUrl(target));
    return `Restore it in place once more, or bring back what it held: falkordrill vault restore --in-place --roll-back --to ${to}`;
  }
  const given = limits.map(([name, value]) => `, GRAPH.CONFIG SET ${name} ${value}`).join("");
  return (
    `To make it an empty primary again, run on it with redis-cli: ${gateCommand(gate).join(" ")}, REPLICAOF NO ONE, ` +
    `FLUSHALL, FUNCTION FLUSH, GRAPH.UDF FLUSH, CONFIG SET masterauth "" (or what it was before)${given}.`
  );
}

/**
 * Makes a target on which nothing was written since an empty primary again; false where it refuses, and then its gate is
 * closed. Everything goes in one piece, so that no other client comes between.
 */
export async function emptied(connection: Connection, gate: GateSettings): Promise<boolean> {
  const replies = await connection.pipeline([gateCommand(gate), ["REPLICAOF", "NO", "ONE"], ...emptying]);
  const isEmptied = !replies.some((reply) => reply instanceof Error);
  if (!isEmptied) await connection.command(...closed);
  return isEmptied;
}

/** Empties the target of a restore that was killed; refuses any other replica. */
export async function removeLeft(
  connection: Connection,
  left: LeftRestore | undefined,
  { progress, signal, replace }: RestoreJob,
): Promise<void> {
  const where = address(connection.endpoint);
  const info = await connection.info("replication");
  const isReplica = info["role"] !== "master";
  const mark = await markOf(connection);
  if (replace === undefined && mark !== undefined && mark !== restoreMark)
    throw usageError(
      `a restore in place is at work on ${where}, or was interrupted (min-replicas-to-write ${mark})`,
      wayOut(connection.endpoint, { ...nothingLeft, isReplaced: true }),
    );
  if (!isReplica && mark !== restoreMark) return;
  const master = `${info["master_host"] ?? "?"}:${info["master_port"] ?? "?"}`;
  if (left === undefined && isReplica)
    throw usageError(
      `${where} is a replica of ${master}, and a restore needs a primary`,
      "Give another server, or end the replication first: REPLICAOF NO ONE.",
    );
  const before = left ?? nothingLeft;
  if (await isAtWork(connection, mark, signal))
    throw usageError(
      `another restore${isReplica ? `, from ${master},` : ""} is at work on ${where}`,
      `Let it end. ${wayOut(connection.endpoint, before)}`,
    );
  const what = isReplica
    ? `a restore that was killed has left ${where} as a replica of its process (${master})`
    : `a restore that failed or was killed has left ${where} so that it refuses writes (min-replicas-to-write)`;
  if (replace !== undefined || before.isReplaced || !(await emptied(connection, before.gate)))
    throw usageError(`${what}, maybe with part of a backup`, wayOut(connection.endpoint, before));
  progress.note(`${what}; it was emptied, and is a primary again`);
}

/** A server tries each second to reach the process whose replica it is; a closed gate is opened sooner than that. */
async function isAtWork(connection: Connection, mark: number | undefined, signal: AbortSignal): Promise<boolean> {
  const hasLink = async (): Promise<true | undefined> => {
    const info = await connection.info("replication");
    if (info["master_link_status"] === "up" || info["master_sync_in_progress"] === "1") return true;
    return (await markOf(connection)) !== mark || undefined;
  };
  const what = "another restore to show itself";
  return await waitFor(hasLink, { what, timeoutMs: reconnectMs, signal, exit: "usage" }).catch((error: unknown) => {
    if (!(error instanceof DrillError) || signal.aborted) throw error;
    return false;
  });
}
