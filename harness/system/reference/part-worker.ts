// A thread that makes stored parts of raw ones: compress, encrypt, hash. In a thread of its own because both steps are
// mostly computing, and because its heap is small: the buffers of a backup keep the garbage collector busy, and what
// each of its rounds costs is the size of the heap.
import { hash } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { readKeys } from "openpgp";
import { compress } from "./compression.ts";
import { messageOf } from "../../base/errors.ts";
import { seal } from "./seal.ts";

export interface PartRequest {
  readonly block: ArrayBuffer;
  readonly rawBytes: number;
}

/** Both buffers change hands: the block goes back, to be filled again. */
export type PartReply =
  | { readonly block: ArrayBuffer; readonly sealed: Uint8Array<ArrayBuffer>; readonly sha256: string }
  | { readonly error: string };

export interface PartWorkerData {
  /** Armored public keys. */
  readonly recipients: readonly string[];
}

const port = parentPort;
if (port !== null) {
  const { recipients } = workerData as PartWorkerData;
  const keys = readKeys({ armoredKeys: recipients.join("\n") });
  port.on("message", (request: PartRequest) => {
    void makePart(request).then(
      (reply) => port.postMessage(reply, [reply.block, reply.sealed.buffer]),
      (error: unknown) => port.postMessage({ error: messageOf(error) } satisfies PartReply),
    );
  });

  const makePart = async ({ block, rawBytes }: PartRequest): Promise<Exclude<PartReply, { error: string }>> => {
    const sealed = await seal(compress(Buffer.from(block, 0, rawBytes)), await keys);
    return { block, sealed: sealed as Uint8Array<ArrayBuffer>, sha256: hash("sha256", sealed) };
  };
}
