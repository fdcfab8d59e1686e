// Small chains, for proofs that faults in them are found: of increments on demand, and of an archiver. Each restore is
// compared with what the source itself held.
import { connect } from "../../../falkordb/client/connection.ts";
import { streamOffset } from "../../../falkordb/client/stream-offset.ts";
import { digestServer } from "../../../observe/digest/server-digest.ts";
import type { BackupSystem } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { incrementalSystem, type Link, proveLink, smallSource, takeIncrement } from "./small-source.ts";

/** Every node says by its property `link` which increment created it. */
const graph = "writes";
const created = (link: number): string =>
  `UNWIND range(1, 20) AS i CREATE (:Write {link: ${link}, i: i, value: ${link}})`;

/** Two full backups, and on the second one increments that create, change, delete, and do two at once. */
export async function provesSmallChain(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  const { progress, signal, record } = drill;
  await using connection = await connect(source.endpoint);
  const backUp = (): Promise<unknown> => system.backup({ source, coordinator: undefined, progress, signal });
  await backUp();
  await connection.query(graph, created(0));
  await backUp();
  await connection.query(graph, created(1));
  await takeIncrement(drill, system, source, "creates");
  await connection.query(graph, "MATCH (w:Write {link: 1}) WHERE w.i > 10 SET w.value = 2");
  await connection.query(graph, "MATCH (w:Write {link: 1}) WHERE w.i <= 5 DELETE w");
  const second = await takeIncrement(drill, system, source, "changes and deletes");
  await connection.query(graph, created(3));
  const offset = await streamOffset(connection);
  const state = await digestServer(source.endpoint, signal);
  await connection.query(graph, created(4));
  const last = await takeIncrement(drill, system, source, "creates twice");
  const within: Link = { name: "between two writes", increment: { ...last.increment, offset }, state };
  for (const link of [second, within, last]) await proveLink(drill, system, link);
  record.requireWitnesses("incrementsLinked", "linksRestored", "entitiesCompared");
}

/** An archiver that is flushed and then ends without notice, and one that stops in good order. */
export async function provesSmallArchive(drill: Drill): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const source = await smallSource(drill, resources);
  const system = await incrementalSystem(drill, resources);
  await using connection = await connect(source.endpoint);
  const flushed = await follow(drill, system, source, async (archiver) => {
    await connection.query(graph, created(1));
    const before = await streamOffset(connection);
    const { offset, at } = await archiver.flush();
    if (offset < before)
      drill.record.finding({
        code: "archiver-left-behind",
        severity: "error",
        subject: drill.id,
        message: `a flush ended at offset ${offset}, and the source had acknowledged writes up to ${before}`,
        evidence: { offset, before },
      });
    return { offset, at };
  });
  await proveLink(drill, system, { ...flushed, name: "flushed, then ended without notice" });
  const stopped = await follow(drill, system, source, async (archiver) => {
    await connection.query(graph, created(2));
    const offset = await streamOffset(connection);
    await archiver.stop();
    return { offset, at: "" };
  });
  await proveLink(drill, system, { ...stopped, name: "stopped in good order" });
  drill.record.requireWitnesses("linksRestored", "entitiesCompared");
}

type Archiver = Awaited<ReturnType<NonNullable<BackupSystem["startArchiver"]>>>;

async function follow(
  drill: Drill,
  system: BackupSystem,
  source: Parameters<typeof takeIncrement>[2],
  work: (archiver: Archiver) => Promise<{ readonly offset: number; readonly at: string }>,
): Promise<Omit<Link, "name">> {
  const { progress, signal } = drill;
  progress.step("archive");
  if (system.startArchiver === undefined) throw new Error(`${system.name} has no archiver`);
  const request = { source, coordinator: undefined, progress, signal, segmentBytes: 2 ** 20, segmentAgeMs: 600_000 };
  await using archiver = await system.startArchiver(request);
  const reached = await work(archiver);
  const { base } = archiver;
  const increment = { ...reached, base, continued: true, storedBytes: 0, rawBytes: 0, phases: [] };
  return { increment, state: await digestServer(source.endpoint, signal) };
}
