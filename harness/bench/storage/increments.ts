// A chain of increments as an archiver makes it: the stream after the base's cut, in the real segments of a real vault.
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import type { Engine } from "../../engine/engine.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import type { Connection } from "../../falkordb/client/connection.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { PartWorkers } from "../../vault/parts/part-workers.ts";
import { keyringFolder, referenceSystem } from "../../system/reference/reference.ts";
import {
  type ChainHead,
  readBase,
  type SegmentContext,
  segmentPath,
  writeSegment,
} from "../../vault/chain/segments.ts";
import { openVault } from "../../vault/store/vault.ts";
import type { BenchContext } from "../benchmark.ts";
import { streamOffset } from "../../falkordb/client/stream-offset.ts";
import { openStream } from "./stream-window.ts";

const profile = "interop";

export class Increments implements AsyncDisposable {
  readonly #context: SegmentContext;
  readonly #resources: AsyncDisposableStack;
  #head: ChainHead;

  private constructor(context: SegmentContext, head: ChainHead, resources: AsyncDisposableStack) {
    this.#context = context;
    this.#head = head;
    this.#resources = resources;
  }

  /** The base is a full backup of the state as it is now. */
  static async start(source: Engine, { progress, signal }: BenchContext): Promise<Increments> {
    await using resources = new AsyncDisposableStack();
    const vault = join(resources.use(await privateFolder("increments")).path, "vault");
    const system = resources.use(await referenceSystem({ vault, profile }));
    const { point } = await system.backup({ source, coordinator: undefined, progress, signal });
    const keyring = new Keyring(keyringFolder(vault));
    const store = await openVault(vault);
    const workers = resources.use(new PartWorkers());
    const [recipients, signer] = [await keyring.recipients(profile), await keyring.signer()];
    const head = await readBase(store, point.id, keyring);
    const mustHold = (): Promise<void> => Promise.resolve();
    return new Increments({ store, workers, profile, recipients, signer, signal, mustHold }, head, resources.move());
  }

  /** One segment of all that has been written since the last; its bytes with the manifest and its signature. */
  async add(
    connection: Connection,
  ): Promise<{ readonly storedBytes: number; readonly rawBytes: number; readonly ms: number }> {
    const { store, signal } = this.#context;
    const previous = this.#head;
    const to = await streamOffset(connection);
    const startedMs = systemClock.monotonicMs();
    await using stream = await openStream(connection, previous.replid, previous.offset, to, signal);
    const atMs = Math.max(systemClock.nowMs(), Date.parse(previous.at));
    const facts = {
      replid: previous.replid,
      to,
      toAt: new Date(atMs).toISOString(),
      times: to === previous.offset ? [] : ([[to, atMs]] as const),
      sealed: "request",
      commands: {},
      hazards: [],
    } as const;
    const place = { base: previous.base, number: previous.number + 1 };
    this.#head = await writeSegment(this.#context, place, stream, () => Promise.resolve({ previous, facts }));
    const ms = systemClock.monotonicMs() - startedMs;
    const objects = await store.list(segmentPath(place.base, place.number, ""));
    return { storedBytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), rawBytes: stream.bytes, ms };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
