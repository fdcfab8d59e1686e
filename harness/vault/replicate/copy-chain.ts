// Copies the increments of a chain. Several are on their way at once, as a request to a vault far away takes long and a
// new increment comes every second or so; they appear there one after the other, so that the chain never has a hole.
import type { Clock } from "../../base/clock.ts";
import { type ChainHead, readNextSegment, segmentFolder } from "../chain/segments.ts";
import type { Keyring } from "../keys/keyring.ts";
import { copyParts, type CopyRun, type ShowPoint } from "./copy-point.ts";

const incrementsAtOnce = 8;
/** Writers that never rest must not keep the caller from looking for new backups, and from saying how far it is. */
const sendForMs = 5000;

export interface ChainCopy {
  /** Sent however long it takes; what came since then is sent for a while. */
  readonly upTo: number;
  readonly clock: Clock;
  /** Called when an increment is there. */
  readonly recorded: (head: ChainHead) => Promise<void>;
  readonly onArrived: (head: ChainHead, isNew: boolean) => void;
}

/** Returns the last increment that the second vault has then. */
export async function copyChain(
  run: CopyRun,
  start: ChainHead,
  keyring: Keyring,
  { upTo, clock, recorded, onArrived }: ChainCopy,
): Promise<ChainHead> {
  const onTheWay: { readonly head: ChainHead; readonly show: Promise<ShowPoint> }[] = [];
  const finishing: Promise<void>[] = [];
  let [shown, sent] = [start, start];
  const untilMs = clock.monotonicMs() + sendForMs;
  const sendMore = async (): Promise<void> => {
    while (onTheWay.length < incrementsAtOnce && (sent.number < upTo || clock.monotonicMs() < untilMs)) {
      const next = await readNextSegment(run.from, sent, keyring);
      if (next === undefined) return;
      sent = next.head;
      const folder = segmentFolder(sent.base, sent.number);
      const show = copyParts(run, { folder, does: "segment", parts: next.manifest.parts, sha256: sent.sha256 });
      show.catch(() => {});
      onTheWay.push({ head: sent, show });
    }
  };
  try {
    for (;;) {
      await sendMore();
      const [first] = onTheWay;
      if (first === undefined) break;
      const { head } = first;
      const { isNew, finished } = await (await first.show)(() => recorded(head));
      finished.catch(() => {});
      finishing.push(finished);
      onTheWay.shift();
      shown = head;
      onArrived(head, isNew);
    }
    await Promise.all(finishing);
    return shown;
  } finally {
    // Nothing is written any more once the leases are given up.
    await Promise.allSettled([...onTheWay.map(({ show }) => show), ...finishing]);
  }
}

/** Asks again only when the last answer was asked for long ago: an answer of a vault far away takes several requests. */
export function atMostEvery(clock: Clock, everyMs: number, ask: () => Promise<void>): () => Promise<void> {
  let [askedMs, answer] = [Number.NEGATIVE_INFINITY, Promise.resolve()];
  return async () => {
    if (clock.monotonicMs() - askedMs >= everyMs) {
      askedMs = clock.monotonicMs();
      answer = ask();
      answer.catch(() => {});
    }
    await answer;
  };
}
