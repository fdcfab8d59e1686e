// The operator `+` loses text if its left side has exactly 512 bytes, and may empty another row of the same query. The
// replication stream holds the intended value of that row: source and chain differ, and the judge has to recognise that
// the chain is right.
import { connect, type Connection } from "../../../falkordb/client/connection.ts";
import type { Drill } from "../../drill.ts";
import { askClaim, type BrokenClaim, type Claim, judgeBrokenClaim, readClaimed } from "../incremental/claim.ts";
import { judgeDigests } from "../incremental/judge-moment.ts";
import { incrementalSystem, restoreLink, smallSource, takeIncrement } from "../incremental/small-source.ts";
import { recordDefect } from "./defect.ts";

const graph = "lost-text";
const rows = 200;
const added = " (changed)";
/** Row 156 has 512 bytes. */
const make =
  `UNWIND range(1, ${rows}) AS i ` +
  "CREATE (:W {i: i, s: substring(reduce(x = '', k IN range(1, 60) | x + 'abcdefghij'), 0, 200 + i * 2)})";
const change = `MATCH (w:W) SET w.s = w.s + '${added}'`;

export async function playsLostText(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const { progress, signal, record } = drill;
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  await using connection = await connect(source.endpoint);
  await connection.query(graph, make);
  record.observation("case", shrinkable());
  await system.backup({ source, coordinator: undefined, progress, signal });
  const claim = await claimOf(connection);
  await connection.query(graph, change);
  const broken = await askClaim(connection, claim);
  const what = "loses text where `+` has 512 bytes before it";
  await recordDefect(drill, source, { what, seenIn: [41603] }, broken !== undefined);
  const link = await takeIncrement(drill, system, source, "text put together by the engine");
  await using restored = await restoreLink(drill, system, link);
  await using target = await connect(restored.target.endpoint);
  if (broken !== undefined) await nameIt(drill, broken, target, { source: link.state, chain: restored.found });
  record.witness("linksRestored", 1);
}

/** The same as a case for `falkordrill shrink`. */
function shrinkable(): unknown {
  const text = "abcdefghij".repeat(60);
  const nodes = Array.from({ length: rows }, (_, at) => {
    const i = at + 1;
    return { id: i, labels: ["W"], properties: { i, s: text.slice(0, 200 + i * 2) } };
  });
  const append = { kind: "append", graph, label: "W", property: "s", text: added };
  return {
    graphs: [{ name: graph, nodes, edges: [], indexes: [], constraints: [] }],
    operations: [append],
    server: {},
  };
}

async function claimOf(connection: Connection): Promise<Claim> {
  const texts = { graph, pattern: "(x:W)", property: "s" };
  const before = await readClaimed(connection, texts);
  return { ...texts, wanted: new Map(before.entries().map(([key, text]) => [key, `${text}${added}`])) };
}

/** Turns the expected difference into a note; any other difference stays an error. */
async function nameIt(
  { record }: Drill,
  broken: BrokenClaim,
  target: Connection,
  digests: Parameters<typeof judgeBrokenClaim>[3],
): Promise<void> {
  const subject = "text put together by the engine";
  const { findings, differences } = await judgeBrokenClaim(subject, broken, target, digests);
  for (const finding of findings) {
    record.finding({ ...finding, severity: "info" });
    record.witness("defectsNamed", 1);
    if (finding.code === "engine-source-diverged") record.witness("divergencesNamed", 1);
  }
  for (const finding of judgeDigests(subject, differences)) record.finding(finding);
  // A lost byte shows every time; whether another row is emptied too depends on the engine's memory layout.
  record.requireWitnesses("defectsNamed");
}
