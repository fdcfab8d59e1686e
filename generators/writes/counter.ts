// Counters that all writers count up. The traces of the writes are the finest ruler for the cut; the counters say the
// same by a second way, which no trace can be lost from.
import { Draw } from "../random.ts";
import { setUpStatement, trace, type WriteId, type WriteKind, writeStatement } from "./write-kind.ts";

export const counters = 4;

export function counterOf({ seed, writer, sequence }: WriteId): number {
  return new Draw(seed, `counter/${writer}`).at(sequence).below(counters);
}

export const counter: WriteKind = {
  name: "counter",
  setUp: () => [
    setUpStatement("UNWIND range(0, $last) AS number CREATE (:Counter {number: number, value: 0})", {
      last: counters - 1,
    }),
  ],
  write: (id) => writeStatement(id, countUp, { counter: counterOf(id) }),
};

const countUp = `MATCH (c:Counter {number: $counter}) SET c.value = c.value + 1 ${trace} RETURN c.value`;
