// The generated graph of a scenario, and how it is loaded into an engine.
import { dataset } from "../../../generators/dataset.ts";
import type { Dataset } from "../../../generators/model.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { EngineHungError } from "../../falkordb/client/hang-watch.ts";
import { loadDataset, type LoadedDataset } from "../../falkordb/load/load.ts";
import type { CyclePlan } from "../cycle-plan.ts";
import type { Drill } from "../drill.ts";

/** Generates content of the drill's size and schema, and of its shape unless the scenario sets one. */
export function contentOf(
  { seed, nodes, dims, options }: Drill,
  { variant, shape = options.shape, content = dataset }: Pick<CyclePlan, "variant" | "shape" | "content">,
): Dataset {
  return content({ seed, nodes, shape, variant, dims, schema: options.schema });
}

/** A single hang is the engine's known defect; more than a few are something else. */
const hangsMax = 3;

type Loading = Pick<Drill, "progress" | "signal" | "record">;

export async function loadContent(drill: Loading, engine: Engine, content: Dataset): Promise<LoadedDataset> {
  return await startingAnew(drill, engine, () => loadOnce(drill, engine, content));
}

export async function loadOnce(
  { progress, signal, record }: Loading,
  engine: Engine,
  content: Dataset,
): Promise<LoadedDataset> {
  progress.step("generate and load");
  const loaded = await loadDataset(engine.endpoint, content, { signal, progress, server: engine });
  record.metric("nodes", loaded.counts.nodes);
  record.metric("edges", loaded.counts.edges);
  return loaded;
}

/**
 * `work` fills an empty engine, and may then read it back. An engine that hangs meanwhile says nothing about a backup:
 * the hang is reported, the engine restarted and filled again.
 */
export async function startingAnew<T>(drill: Loading, engine: Engine, work: () => Promise<T>): Promise<T> {
  for (let hangs = 1; ; hangs += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EngineHungError)) throw error;
      noteHang(drill, engine, error, hangs);
      if (hangs === hangsMax || !(await startAnew(engine))) throw error;
    }
  }
}

function noteHang(
  { record, progress }: Pick<Drill, "record" | "progress">,
  engine: Engine,
  error: EngineHungError,
  hangs: number,
): void {
  const { message, evidence, hint = "" } = error;
  record.witness("engineHangs", 1);
  record.observation(`engine-hung-${hangs}`, evidence);
  record.finding({ code: "engine-hung", severity: "info", subject: engine.name, message, evidence: { hangs }, hint });
  progress.note(`${message}; starting it anew`);
}

/** False if the server holds more than the load, or is not managed by the drill. */
async function startAnew(engine: Engine): Promise<boolean> {
  if (engine.kind === "external") return false;
  await engine.kill();
  await engine.wipe();
  await engine.restart();
  await using connection = await connect(engine.endpoint);
  return Number(await connection.command("DBSIZE")) === 0;
}
