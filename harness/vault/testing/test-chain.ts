// A chain of a real server, made of its replication stream as an archiver would make it. For tests.
import { systemClock } from "../../base/clock.ts";
import { silentProgress } from "../../base/progress.ts";
import type { Engine } from "../../engine/engine.ts";
import { record, type Recording } from "../../falkordb/testing/test-recording.ts";
import { createBackup, type BackupContext } from "../backup/backup.ts";
import type { Hazard } from "../chain/segment-manifest.ts";
import { type ChainHead, readBase } from "../chain/segments.ts";
import { storeTestSegment } from "./test-segments.ts";

export interface TestChain extends AsyncDisposable {
  readonly base: string;
  readonly head: ChainHead;
  /** Adds what the source did since the last segment as one more; `alter` replaces its bytes by as many others. */
  seal(hazards?: readonly Hazard[], alter?: (bytes: Buffer) => Buffer): Promise<ChainHead>;
}

export async function testChain(context: BackupContext, source: Engine): Promise<TestChain> {
  const recording: Recording = await record(source.endpoint);
  const signal = new AbortController().signal;
  const { point } = await createBackup(context, { source, coordinator: undefined, progress: silentProgress, signal });
  let head = await readBase(context.store, point.id, context.keyring);
  return {
    base: point.id,
    get head() {
      return head;
    },
    seal: async (hazards = [], alter = (unchanged) => unchanged) => {
      const stream = await recording.stream();
      const bytes = alter(stream.subarray(head.offset - recording.cut));
      const atMs = systemClock.nowMs();
      const to = head.offset + bytes.length;
      const times = bytes.length === 0 ? [] : ([[to, atMs]] as const);
      const facts = { times, toAt: new Date(atMs).toISOString(), hazards };
      head = await storeTestSegment(context.store, context.keyring, head, bytes, facts, context.profile);
      return head;
    },
    [Symbol.asyncDispose]: () => recording[Symbol.asyncDispose](),
  };
}
