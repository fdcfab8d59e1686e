// Many writers on one hub: each reads it, adds to it, and hangs an edge on it. An update that was lost, or that came
// twice, shows in the sum.
import { Draw } from "../random.ts";
import { setUpStatement, type WriteId, type WriteKind, writeStatement } from "./write-kind.ts";

export function amountOf({ seed, writer, sequence }: WriteId): number {
  return 1 + new Draw(seed, `hot/${writer}`).at(sequence).below(1000);
}

export const hotEntity: WriteKind = {
  name: "hot-entity",
  setUp: () => [setUpStatement("CREATE (:Hub {touches: 0, total: 0})")],
  write: (id) => writeStatement(id, touch, { amount: amountOf(id) }),
};

const touch = `MATCH (h:Hub) SET h.touches = h.touches + 1, h.total = h.total + $amount
CREATE (h)-[:TOUCHED_BY]->(:Write {writer: $writer, sequence: $sequence}) RETURN h.touches`;
