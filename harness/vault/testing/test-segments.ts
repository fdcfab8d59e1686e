// Segments made of given bytes without any server. For tests.
import { appendEntry } from "../catalogue/append.ts";
import type { Keyring } from "../keys/keyring.ts";
import type { EncryptionProfile } from "../store/manifest.ts";
import {
  type ChainHead,
  readBase,
  readChain,
  readSegmentBytes,
  type SegmentFacts,
  segmentFolder,
  writeSegment,
} from "../chain/segments.ts";
import type { Store } from "../store/store.ts";
import { removePoint } from "../store/unfinished.ts";
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

/**
 * One text in the last segment becomes another, as long, in a chain whose every signature and link is right, and which the
 * catalogue records: so an archiver would have left it that had stored something else than the source sent.
 */
export async function forgeLastSegment(
  { store, keyring }: { readonly store: Store; readonly keyring: Keyring },
  base: string,
  text: string,
  other: string,
): Promise<void> {
  const segments = await Array.fromAsync(readChain(store, base, keyring));
  const last = segments.at(-1)?.manifest;
  if (last === undefined) throw new Error("the chain has no segment");
  const previous = segments.at(-2)?.head ?? (await readBase(store, base, keyring));
  const keys = await keyring.openers(last.encryption.recipients.map(({ fingerprint }) => fingerprint));
  const pieces = readSegmentBytes(store, last, keys, new AbortController().signal);
  const bytes = Buffer.concat(await Array.fromAsync(pieces, (piece) => Buffer.from(piece)));
  if (!bytes.includes(text)) throw new Error(`the last segment has no "${text}"`);
  const forged = Buffer.from(bytes.toString("latin1").replace(text, other), "latin1");
  const { times, toAt, sealed, commands } = last;
  await removePoint(store, segmentFolder(base, last.number));
  const { number, sha256 } = await storeTestSegment(store, keyring, previous, forged, {
    times,
    toAt,
    sealed,
    commands,
  });
  await appendEntry({ store, keyring }, () => [{ does: "chain", point: base, number, sha256 }]);
}
