// What the writers stand on (their accounts, their counters) must not be a matter of luck: it was written before they
// began, and a disaster right after must not find it on its way still. The server itself says what is held.
import { waitFor } from "../../../base/wait.ts";
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import type { PersistenceSetup } from "./mode.ts";

const timeoutMs = 60_000;
/** For one question to the server; a drill that is interrupted waits no longer than this. */
const askMs = 500;
const mark = "falkordrill-mark";

/** Whether the disk, or a replica, has all that `connection` wrote. */
const askIfHeld = {
  disk: async (connection: Connection): Promise<boolean> => {
    const [synced] = (await connection.command("WAITAOF", 1, 0, askMs)) as [number, number];
    return synced === 1;
  },
  replica: async (connection: Connection): Promise<boolean> => Number(await connection.command("WAIT", 1, askMs)) > 0,
};

/** Waits until all that was acknowledged before this call is held by the source's disk, or by a replica of it. */
export async function untilHeldBy(holder: keyof typeof askIfHeld, { drill, source }: PersistenceSetup): Promise<void> {
  await using connection = await connect(source.endpoint);
  // The server answers for what this client wrote, and whatever came before it in its stream.
  await connection.command("SET", mark, holder);
  const what = `the ${holder} of the source to hold what the writers began with`;
  const held = async (): Promise<true | undefined> => (await askIfHeld[holder](connection)) || undefined;
  await waitFor(held, { what, timeoutMs, signal: drill.signal, exit: "inconclusive" });
  await connection.command("DEL", mark);
}
