// The embedded server speaks no TLS, so a proxy that asks for a client certificate is placed in front of it.
import { readFileSync } from "node:fs";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import tls from "node:tls";
import type { TlsSettings } from "../../base/endpoint.ts";
import { packageRoot } from "../../base/package.ts";
import type { Engine } from "../../engine/engine.ts";

const tlsFile = (name: string): string => join(packageRoot(), "fixtures", "tls", name);
export const tlsFiles: Required<Pick<TlsSettings, "ca" | "cert" | "key">> = {
  ca: tlsFile("ca.pem"),
  cert: tlsFile("client.pem"),
  key: tlsFile("client.key"),
};

export async function tlsProxyOf(engine: Engine): Promise<AsyncDisposable & { readonly port: number }> {
  const [ca, cert, key] = ["ca.pem", "server.pem", "server.key"].map((name) => readFileSync(tlsFile(name)));
  const server = tls.createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, (client) => {
    const inner = net.connect(engine.endpoint.port, engine.endpoint.host);
    pipeline(client, inner, () => {});
    pipeline(inner, client, () => {});
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await Promise.resolve();
    },
  };
}
