// A TCP proxy that forwards a number of bytes and then nothing, not even an end, as a firewall does that forgets a
// connection. For tests.
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import type { Endpoint } from "../../base/endpoint.ts";

export interface StallingProxy extends AsyncDisposable {
  readonly port: number;
  /** Stops all forwarding from now on, in both directions, on old connections and new ones. */
  stall(): void;
  /** Closes every connection with a reset; new ones work. */
  reset(): void;
}

/** A connection stalls by itself once the server has sent `bytes` over it. */
export async function stallingProxy(
  to: Pick<Endpoint, "host" | "port">,
  bytes: number = Number.POSITIVE_INFINITY,
): Promise<StallingProxy> {
  const sockets = new Set<net.Socket>();
  let isSilent = false;
  const server = net.createServer((client) => {
    const inner = net.connect(to.port, to.host);
    let left = bytes;
    const forward = (from: net.Socket, into: net.Socket, isAnswer: boolean): void => {
      sockets.add(from);
      from.on("data", (chunk: Buffer) => {
        const passing = isSilent ? chunk.subarray(0, 0) : chunk.subarray(0, Math.max(0, left));
        if (isAnswer) left -= chunk.length;
        if (passing.length > 0) into.write(passing);
      });
      from.on("error", () => {});
      from.on("close", () => !isSilent && left > 0 && into.destroy());
    };
    forward(client, inner, false);
    forward(inner, client, true);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => (isSilent = true),
    reset,
    [Symbol.asyncDispose]: async () => {
      reset();
      server.close();
      await once(server, "close");
    },
  };
}
