// What a restored server has to hold: everything that did not change, to the last property, and the writers' graph as one moment of
// their history within the time of the cut.
import { compareDigests } from "../../../observe/digest/compare-digests.ts";
import { digestedEntities, digestServer, type ServerDigest } from "../../../observe/digest/server-digest.ts";
import type { Engine } from "../../../engine/engine.ts";
import { writtenMoment } from "../../proof/written-moment.ts";
import type { Problem } from "../crash-points/enumerate.ts";
import type { KnownPoint, SwarmSetup } from "./swarm-setup.ts";

/** No write may be in progress: what the history does not tell yet would be taken for invented. */
export async function provePoint(
  { drill }: SwarmSetup,
  target: Engine,
  { span, epoch }: KnownPoint,
): Promise<readonly Problem[]> {
  const found = await digestServer(target.endpoint, drill.signal);
  const still = without(found, epoch.writers.graphs);
  const { judgement } = await writtenMoment(drill, target, {
    kinds: [epoch.writers],
    cut: span,
    backup: span,
    disasterMs: undefined,
  });
  drill.record.witness("entitiesCompared", digestedEntities(found));
  return [
    ...compareDigests(epoch.still, still).map((message): Problem => ({ code: "moment-differs", message })),
    ...judgement.findings
      .filter(({ severity }) => severity === "error")
      .map(({ code, message }): Problem => ({ code: "moment-differs", message: `${code}: ${message}` })),
  ];
}

function without({ graphs, ...rest }: ServerDigest, names: readonly string[]): ServerDigest {
  return { ...rest, graphs: graphs.filter(({ name }) => !names.includes(name)) };
}
