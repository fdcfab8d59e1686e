// An S3 store behind a server that may answer in its place, for tests: with an error of S3, with a connection that breaks
// in the middle of a request, or not at all.
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

/** What comes in place of the store's answer. */
export type S3Refusal =
  | "reset"
  | {
      readonly status: number;
      readonly code: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

export interface FailingS3 extends AsyncDisposable {
  readonly endpoint: string;
  /** Asked for each request, such as `PUT /bucket/far/vault.json`; undefined lets the store answer. */
  refuse: (request: string) => S3Refusal | undefined;
  /** Requests that were refused so far. */
  readonly refused: string[];
}

export async function failingS3(store: string): Promise<FailingS3> {
  const { hostname, port } = new URL(store);
  const refused: string[] = [];
  const failing: FailingS3 = {
    endpoint: "",
    refuse: () => undefined,
    refused,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer((from, to) => {
    const { method = "", url = "", headers } = from;
    const asked = `${method} ${decodeURIComponent(url)}`;
    const refusal = failing.refuse(asked);
    if (refusal !== undefined) refused.push(asked);
    if (refusal === "reset") {
      // In the middle of what is sent, where it has a body.
      from.once("data", () => from.socket.destroy()).once("end", () => from.socket.destroy());
      return;
    }
    if (refusal !== undefined) {
      from.resume().once("end", () => {
        const { status, code, headers: more = {} } = refusal;
        to.writeHead(status, { "content-type": "application/xml", ...more }).end(`<Error><Code>${code}</Code></Error>`);
      });
      return;
    }
    const forward = send({ hostname, port, method, path: url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    });
    forward.once("error", () => from.socket.destroy());
    from.pipe(forward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(failing, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
