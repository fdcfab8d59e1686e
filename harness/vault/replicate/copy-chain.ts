// Copies the increments of a chain. Several are on their way at once, as a request to a vault far away takes long and a
// new increment comes every second or so; they appear there one after the other, so that the chain never has a hole.
import { type ChainHead, readNextSegment, segmentFolder } from "../chain/segments.ts";
import type { Keyring } from "../keys/keyring.ts";
import { copyParts, type CopyRun, type ShowPoint } from "./copy-point.ts";

const incrementsAtOnce = 8;

/** `arrived` makes each increment appear. Returns the last one that did. */
export async function copyChain(
  run: CopyRun,
  start: ChainHead,
  keyring: Keyring,
  arrived: (head: ChainHead, show: ShowPoint) => Promise<void>,
): Promise<ChainHead> {
  const onTheWay: { readonly head: ChainHead; readonly show: Promise<ShowPoint> }[] = [];
  let [shown, sent] = [start, start];
  const sendMore = async (): Promise<void> => {
    while (onTheWay.length < incrementsAtOnce) {
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
      if (first === undefined) return shown;
      await arrived(first.head, await first.show);
      onTheWay.shift();
      shown = first.head;
    }
  } finally {
    // Nothing is written any more once the leases are given up.
    await Promise.allSettled(onTheWay.map(({ show }) => show));
  }
}
