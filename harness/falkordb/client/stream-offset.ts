// The current end of a server's replication stream.
import type { Connection } from "./connection.ts";

export async function streamOffset(connection: Connection): Promise<number> {
  return Number((await connection.info("replication"))["master_repl_offset"]);
}
