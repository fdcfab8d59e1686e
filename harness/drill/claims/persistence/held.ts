// The writers' prerequisites (their accounts, their counters) must not be lost by chance: they are written before the
// writers start, and must be persisted before a disaster can follow. The server itself reports what is persisted.
import { waitFor } from "../../../base/wait.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import type { PersistenceSetup } from "./mode.ts";

const timeoutMs = 60_000;
/** Timeout of one request to the server; an interrupted drill waits no longer than this. */
const askMs = 500;
const mark = "falkordrill-mark";

/** Queries whether the disk, or a replica, has everything that `connection` wrote. */
const askIfHeld = {
  disk: async (connection: Connection): Promise<boolean> => {
    const [synced] = (await connection.command("WAITAOF", 1, 0, askMs)) as [number, number];
    return synced === 1;
  },
  replica: async (connection: Connection): Promise<boolean> => Number(await connection.command("WAIT", 1, askMs)) > 0,
};

/** Waits until everything acknowledged before this call is on the source's disk, or on one of its replicas. */
export async function untilHeldBy(holder: keyof typeof askIfHeld, { drill, source }: PersistenceSetup): Promise<void> {
  await using connection = await connect(source.endpoint);
  // The server answers for this client's writes and for everything before them in its stream.
  await connection.command("SET", mark, holder);
  const what = `the ${holder} of the source to hold what the writers began with`;
  const held = async (): Promise<true | undefined> => (await askIfHeld[holder](connection)) || undefined;
  await waitFor(held, { what, timeoutMs, signal: drill.signal, exit: "inconclusive" });
  await connection.command("DEL", mark);
}
