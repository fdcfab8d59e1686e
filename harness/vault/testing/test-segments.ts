// Segments made of given bytes without any server. For tests.
import type { Keyring } from "../keys/keyring.ts";
import type { EncryptionProfile } from "../store/manifest.ts";
import { type ChainHead, type SegmentFacts, writeSegment } from "../chain/segments.ts";
import type { Store } from "../store/store.ts";
import type { PartSource } from "../parts/write-parts.ts";
import { testWorkers } from "./test-backup.ts";

/** Gives the bytes of a buffer in blocks, as a snapshot or a stream would. */
function bufferSource(bytes: Buffer, slackBytes: number): PartSource {
  let at = 0;
  return {
    get bytes() {
      return at;
    },
    read: (block) => {
      const copied = bytes.copy(block, 0, at, Math.min(bytes.length, at + block.length - slackBytes));
      at += copied;
      return Promise.resolve(copied);
    },
  };
}

/** Appends one segment of these bytes to a chain; the facts that are not given are those of one command. */
export async function storeTestSegment(
  store: Store,
  keyring: Keyring,
  previous: ChainHead,
  bytes: Buffer,
  facts: Partial<SegmentFacts> = {},
  profile: EncryptionProfile = "interop",
): Promise<ChainHead> {
  const context = {
    store,
    workers: testWorkers(),
    profile,
    recipients: await keyring.recipients(profile),
    signer: await keyring.signer(),
    signal: new AbortController().signal,
    mustHold: () => Promise.resolve(),
  };
  const to = previous.offset + bytes.length;
  const atMs = Date.parse(previous.at) + 1000;
  const ended = {
    replid: previous.replid,
    to,
    toAt: new Date(atMs).toISOString(),
    times: bytes.length === 0 ? [] : ([[to, atMs]] as const),
    sealed: "request",
    commands: {},
    hazards: [],
    ...facts,
  } as const;
  const place = { base: previous.base, number: previous.number + 1 };
  return await writeSegment(context, place, bufferSource(bytes, 40), () => Promise.resolve({ previous, facts: ended }));
}
