// A restored server is usable by an application: it accepts writes, is not a replica, has the source's limits, and
// holds exactly the source's functions and keys other than graphs.
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Check, Finding } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import {
  comparedModuleSettings,
  comparedSettings,
  leftoverSettings,
  type OtherKey,
  type OtherKeys,
  type ServerState,
} from "../server-state.ts";

type Push = (code: FindingCode, subject: string, message: string, evidence: Finding["evidence"], hint?: string) => void;

export const serverCheck: Check<Evidence> = {
  name: "server",
  claim:
    "The restored server takes writes as a primary, is set as the source was, and holds its other keys and functions.",
  judge({ observation, baseline }) {
    const findings: Finding[] = [];
    const witnesses = { settingsCompared: 0, otherKeysCompared: 0, functionsCompared: 0, writesTried: 0 };
    const want = baseline?.server;
    // Older runs have no such record, and a source is compared with itself by another check.
    if (want === undefined || observation.role !== "target") return { findings, witnesses };
    const push = pusher(findings);
    const got = observation.server;
    if (got === undefined) {
      push("server-not-observed", "server", "the state of the restored server was not read", {});
      return { findings, witnesses };
    }
    judgeWrites(got, push);
    witnesses.writesTried = got.write === undefined ? 0 : 1;
    witnesses.settingsCompared = got.isStandIn === true ? 0 : judgeSettings(want, got, push);
    if (got.isStandIn !== true) judgeLeftovers(want, got, push);
    findings.push(...compareBesides(want, got));
    witnesses.otherKeysCompared = want.keys.count;
    witnesses.functionsCompared = Object.keys(want.functions).length + Object.keys(want.graphFunctions).length;
    return { findings, witnesses };
  },
};

type Besides = Pick<ServerState, "keys" | "functions" | "graphFunctions" | "graphExpiries">;

/** What two servers hold besides their graphs. */
export function compareBesides(want: Besides, got: Besides): Finding[] {
  const findings: Finding[] = [];
  const push = pusher(findings);
  const expired = judgeKeys(want.keys, got.keys, push);
  if (want.keys.count - expired !== got.keys.count)
    push("key-count-differs", "keys", `expected ${want.keys.count} keys other than graphs, found ${got.keys.count}`, {
      expected: want.keys.count,
      found: got.keys.count,
    });
  judgeExpiries(want, got, push);
  judgeNamed("function", want.functions, got.functions, push);
  judgeNamed("graph-function", want.graphFunctions, got.graphFunctions, push);
  return findings;
}

function pusher(findings: Finding[]): Push {
  return (code, subject, message, evidence, hint) =>
    findings.push({ code, severity: "error", subject, message, evidence, ...(hint === undefined ? {} : { hint }) });
}

function judgeWrites({ role, write }: ServerState, push: Push): void {
  if (role !== "master")
    push("target-is-replica", "server", `the restored server says that its role is ${role || "unknown"}`, { role });
  if (write === undefined) push("target-write-not-tried", "server", "no write was tried on the restored server", {});
  else if (!write.taken)
    push(
      "target-refuses-writes",
      "server",
      `the restored server refused a write: ${write.error ?? "no reason given"}`,
      {
        error: write.error ?? null,
      },
    );
}

/** More databases than the source had are harmless; fewer are not. */
function judgeSettings(want: ServerState, got: ServerState, push: Push): number {
  let compared = 0;
  for (const [kind, names] of [
    ["settings", comparedSettings],
    ["moduleSettings", comparedModuleSettings],
  ] as const)
    for (const name of names) {
      const expected = want[kind]?.[name];
      if (expected === undefined) continue;
      compared += 1;
      const found = got[kind]?.[name];
      if (found === expected || (name === "databases" && Number(found) >= Number(expected))) continue;
      push(
        "target-setting-differs",
        name,
        `${name} was "${expected}" on the source and is ${found === undefined ? "not known" : `"${found}"`} on the restored server`,
        { expected, found: found ?? null },
      );
    }
  return compared;
}

/** What a restore changed for itself and left: settings and users. The rights of a user that both have are not judged. */
function judgeLeftovers(want: ServerState, got: ServerState, push: Push): void {
  for (const kind of ["settings", "moduleSettings"] as const)
    for (const [name, usual] of Object.entries(leftoverSettings[kind])) {
      const [expected, found] = [want[kind]?.[name], got[kind]?.[name]];
      if (found === undefined || found === usual || expected === undefined || found === expected) continue;
      const message = `${name} is "${found}" on the restored server, and "${expected}" on the source`;
      push("target-setting-differs", name, message, { expected, found });
    }
  if (want.users === undefined) return;
  for (const name of Object.keys(got.users ?? {}))
    if (!Object.hasOwn(want.users, name))
      push("user-unexpected", name, `the restored server has a user "${name}", which the source has not`, {
        found: name,
      });
}

/** A graph is one key: one that expires is lost as a whole, and later. */
function judgeExpiries(
  { graphExpiries: wanted = {} }: Besides,
  { graphExpiries: got = {} }: Besides,
  push: Push,
): void {
  for (const [graph, found] of Object.entries(got))
    if (!Object.hasOwn(wanted, graph))
      push("key-differs", graph, `the graph expires at ${timeText(Number(found))}, and did not`, {
        expected: null,
        found,
      });
}

/** A restore that keeps the time that is left, instead of the time of expiry, delays it by as long as it takes. */
const expiryToleranceMs = 600_000;

function timeText(ms: number | undefined): string {
  return ms === undefined ? "an unknown time" : new Date(ms).toISOString();
}

/** Compares the keys and returns how many of the expiring ones are gone. */
function judgeKeys(wanted: OtherKeys, got: OtherKeys, push: Push): number {
  let expired = 0;
  const id = ({ database, key }: OtherKey): string => `${database}/${key}`;
  // Of more keys than are read, those after the last one that was read are unknown.
  const isKnown = (key: OtherKey): boolean => [wanted, got].every((keys) => isWithin(key, keys));
  const found = new Map(got.items.filter(isKnown).map((key) => [id(key), key]));
  for (const key of wanted.items.filter(isKnown)) {
    const other = found.get(id(key));
    found.delete(id(key));
    if (other === undefined) {
      if (key.expires) expired += 1;
      else push("key-missing", id(key), `the ${key.type} "${key.key}" is missing`, { expected: key });
    } else if (other.type !== key.type || other.digest !== key.digest)
      push("key-differs", id(key), `the ${key.type} "${key.key}" has another value`, { expected: key, found: other });
    // A key that wrongly expires is lost later; one that wrongly does not is kept forever.
    else if (other.expires !== key.expires) {
      const how = other.expires ? "expires, and did not" : "no longer expires";
      push("key-differs", id(key), `the ${key.type} "${key.key}" ${how}`, { expected: key, found: other });
    } else if (Math.abs((other.expiresAtMs ?? 0) - (key.expiresAtMs ?? 0)) > expiryToleranceMs) {
      const how = `expires at ${timeText(other.expiresAtMs)}, and expired at ${timeText(key.expiresAtMs)} on the source`;
      push("key-differs", id(key), `the ${key.type} "${key.key}" ${how}`, { expected: key, found: other });
    }
  }
  for (const key of found.values())
    push("key-unexpected", id(key), `the ${key.type} "${key.key}" should not be there`, { found: key });
  return expired;
}

function isWithin({ database, key }: OtherKey, { count, items }: OtherKeys): boolean {
  const last = items.at(-1);
  if (last === undefined || count === items.length) return true;
  return database < last.database || (database === last.database && key <= last.key);
}

type Named = Readonly<Record<string, string>>;

function judgeNamed(kind: "function" | "graph-function", want: Named, got: Named, push: Push): void {
  for (const name of new Set([...Object.keys(want), ...Object.keys(got)])) {
    const [expected = null, found = null] = [want[name], got[name]];
    if (expected === found) continue;
    const [how, says] =
      found === null
        ? (["missing", "is missing"] as const)
        : expected === null
          ? (["unexpected", "should not be there"] as const)
          : (["differs", "has other code"] as const);
    push(`${kind}-${how}`, name, `the library ${name} ${says}`, { expected, found });
  }
}
