// A TCP port of the loopback interface that is free at this moment. Another process may take it before the engine
// does, so callers that start an engine on it retry with another port.
import { createServer } from "node:net";

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port was given"));
      else resolve(address.port);
    });
  });
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
