// A thread that turns raw parts into stored ones: compress, encrypt, hash. It imports little and works in buffers that
// are passed back and forth between the threads, so that a backup needs the same memory at every size.
import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { compress } from "./compression.ts";
import { release } from "./release.ts";
import { sampleText } from "./text-sample.ts";
import type { TextSample } from "../store/manifest.ts";
import { type SessionKey, writeEncryptedData } from "./encrypted-data.ts";

/** Two reused buffers: one with raw bytes, one with the part made of them. */
export interface Block {
  readonly raw: ArrayBuffer;
  readonly sealed: ArrayBuffer;
}

export interface PartRequest {
  readonly block: Block;
  readonly rawBytes: number;
  readonly session: SessionKey;
  /** The packets that hold the session key, encrypted to each recipient. */
  readonly sessionPackets: Uint8Array;
  /** Position of the part in a snapshot whose text is sampled. */
  readonly sampledAt?: number;
}

interface MadeBytes {
  readonly sealedBytes: number;
  readonly sha256: string;
  readonly text?: TextSample;
}

export type PartReply = (MadeBytes & { readonly block: Block }) | { readonly error: string };

const port = parentPort;
if (port !== null) {
  port.on("message", (request: PartRequest) => {
    const { block } = request;
    try {
      const made = makePart(request);
      port.postMessage({ block, ...made } satisfies PartReply, [block.raw, block.sealed]);
    } catch (error) {
      port.postMessage({ error: String(error) } satisfies PartReply);
    }
  });
}

function makePart({ block, rawBytes, session, sessionPackets, sampledAt }: PartRequest): MadeBytes {
  const sealed = Buffer.from(block.sealed);
  sealed.set(sessionPackets);
  const raw = Buffer.from(block.raw, 0, rawBytes);
  const content = compress(raw);
  const sealedBytes = writeEncryptedData(content, session, sealed, sessionPackets.length);
  release(content);
  const sha256 = createHash("sha256").update(sealed.subarray(0, sealedBytes)).digest("hex");
  return { sealedBytes, sha256, ...(sampledAt === undefined ? {} : { text: sampleText(raw, sampledAt) }) };
}
