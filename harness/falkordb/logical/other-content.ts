// What a snapshot holds beside graphs: keys, whose values are sent as they are in the snapshot, and function libraries.
import { DrillError, usageError } from "../../base/errors.ts";
import { address } from "../../base/endpoint.ts";
import type { Command, Connection } from "../client/connection.ts";
import type { StoredKey, StoredLibrary } from "../rdb/rdb-walk.ts";
import { dumpPayload } from "./dump-payload.ts";

export class OtherContent {
  /** In the order of the snapshot. */
  readonly keys: StoredKey[] = [];
  readonly libraries: StoredLibrary[] = [];
  readonly #written: { readonly database: number; readonly undo: Command }[] = [];

  /** Stops at the first that is there already. `snapshot` is the same again, from its beginning. */
  async write(connection: Connection, snapshot: AsyncIterable<Buffer>, rdbVersion: number): Promise<void> {
    let database = 0;
    for await (const [key, value] of valuesOf(snapshot, this.keys)) {
      if (key.database !== database) await connection.command("SELECT", key.database);
      database = key.database;
      const payload = dumpPayload(key.type, value, rdbVersion);
      const until = key.expiresAtMs === undefined ? [0, payload] : [key.expiresAtMs, payload, "ABSTTL"];
      const restore: Command = ["RESTORE", key.name, ...until];
      await connection.command(...restore).catch((error: unknown) => {
        throw explained(error, connection, `the key ${JSON.stringify(key.name.toString())}`);
      });
      this.#written.push({ database, undo: ["DEL", key.name] });
    }
    for (const { of, name, code } of this.libraries) {
      const load: Command = of === "server" ? ["FUNCTION", "LOAD", code] : ["GRAPH.UDF", "LOAD", name, code];
      const made = await connection.command(...load).catch((error: unknown) => {
        throw explained(error, connection, `a function library${name === "" ? "" : ` ${JSON.stringify(name)}`}`);
      });
      const undo: Command = of === "server" ? ["FUNCTION", "DELETE", String(made)] : ["GRAPH.UDF", "DELETE", name];
      this.#written.push({ database: 0, undo });
    }
  }

  /** Takes away what `write` has brought. */
  async remove(connection: Connection): Promise<void> {
    for (const { database, undo } of this.#written.splice(0)) {
      await connection.command("SELECT", database);
      await connection.pipeline([undo]);
    }
  }
}

function explained(error: unknown, { endpoint }: Connection, what: string): unknown {
  const message = error instanceof Error ? error.message : "";
  if (/^BUSYKEY|already (exists|registered)/i.test(message))
    return usageError(
      `${address(endpoint)} holds ${what} already, and it is not replaced`,
      "Nothing was restored. Remove what is there first, or restore one graph: --graph.",
    );
  if (message.startsWith("NOPERM")) return error;
  return new DrillError(`${what} was not restored: ${message}`, { exit: "notRecovered", cause: error });
}

async function* valuesOf(
  snapshot: AsyncIterable<Buffer>,
  keys: readonly StoredKey[],
): AsyncGenerator<readonly [StoredKey, Buffer]> {
  let [at, index] = [0, 0];
  let kept: Buffer[] = [];
  for await (const part of snapshot) {
    for (let key = keys[index]; key !== undefined && key.from < at + part.length; key = keys[index]) {
      kept.push(Buffer.from(part.subarray(Math.max(0, key.from - at), key.to - at)));
      if (key.to > at + part.length) break;
      yield [key, Buffer.concat(kept)];
      kept = [];
      index += 1;
    }
    at += part.length;
    if (index === keys.length) return;
  }
  if (index < keys.length) throw new RangeError("the snapshot ends early");
}
