// One cycle of nodes. A write takes three edges in a row and makes them go through the two nodes in their middle in the
// other order: whatever the order of writes, every moment between two of them is one cycle of all nodes. A write that is
// there in part breaks it.
import { Draw } from "../random.ts";
import { setUpStatement, trace, type WriteKind, writeStatement } from "./write-kind.ts";

export const ringNodes = 60;

export const ring: WriteKind = {
  name: "ring",
  setUp: () => [
    setUpStatement("UNWIND range(0, $last) AS number CREATE (:Ring {number: number})", { last: ringNodes - 1 }),
    setUpStatement("MATCH (a:Ring), (b:Ring) WHERE b.number = (a.number + 1) % $nodes CREATE (a)-[:NEXT]->(b)", {
      nodes: ringNodes,
    }),
  ],
  write: (id) => {
    const at = new Draw(id.seed, `ring/${id.writer}`).at(id.sequence).below(ringNodes);
    return writeStatement(id, rotate, { at });
  },
};

const rotate = `MATCH (a:Ring {number: $at})-[ab:NEXT]->(b)-[bc:NEXT]->(c)-[cd:NEXT]->(d)
CREATE (a)-[:NEXT]->(c), (c)-[:NEXT]->(b), (b)-[:NEXT]->(d) DELETE ab, bc, cd ${trace} RETURN d.number`;
