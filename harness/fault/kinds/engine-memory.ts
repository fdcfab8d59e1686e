import { connect } from "../../falkordb/client/connection.ts";
import { defineFault, type FaultKind } from "../fault.ts";

/** Kibibytes above what is in use when it begins. */
const roomMax = 2048;

export const engineMemory: FaultKind = defineFault({
  name: "engine-memory",
  about: "limits the memory of the server (maxmemory) to little more than what it uses; it refuses what needs more",
  needs: ["server"],
  injected: "while-running",
  strengthOf: (draw) => ({ roomKiB: draw.below(roomMax) }),
  inject: async ({ server }, { roomKiB }, undo) => {
    if (server === undefined) return () => ({ fired: false });
    await using connection = await connect(server.endpoint);
    const [, before = "0"] = (await connection.command("CONFIG", "GET", "maxmemory")) as string[];
    const used = Number((await connection.info("memory"))["used_memory"]);
    const limit = String(used + roomKiB * 1024);
    undo.defer(async () => {
      await using again = await connect(server.endpoint);
      await again.command("CONFIG", "SET", "maxmemory", before);
    });
    await connection.command("CONFIG", "SET", "maxmemory", limit);
    const [, after] = (await connection.command("CONFIG", "GET", "maxmemory")) as string[];
    return () => ({ fired: after === limit, detail: { limit, before } });
  },
});
