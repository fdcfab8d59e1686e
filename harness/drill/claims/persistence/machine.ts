// The machine that will be lost: an engine with its files on its own volume, where volumes are available.
import type { Dataset } from "../../../../generators/model.ts";
import type { Engine } from "../../../engine/engine.ts";
import { environmentError } from "../../../base/errors.ts";
import { createVolume, type Volume, volumesUnavailable } from "../../../fault/volume.ts";
import { contentOf, loadContent } from "../../setup/content.ts";
import type { Drill } from "../../drill.ts";

export interface PersistenceMachine {
  readonly source: Engine;
  readonly volume: Volume | undefined;
  readonly dataset: Dataset;
}

/** Size of the sparse image; enough for ten million nodes. */
export const volumeBytes: number = 16 * 2 ** 30;

export async function startMachine(
  drill: Drill,
  settings: Readonly<Record<string, string>>,
  resources: AsyncDisposableStack,
): Promise<PersistenceMachine> {
  const { engines, record, progress, signal } = drill;
  progress.step("prepare: an engine that persists, on a disk of its own");
  if (engines.kind === "external")
    throw environmentError("an external engine cannot be killed and started again", "Use --engine embedded.");
  const why = engines.kind === "embedded" ? await volumesUnavailable() : "a container's files are on the host's disk";
  if (why !== undefined) record.notCovered(`loss of the page cache: ${why}`);
  const volume = why === undefined ? resources.use(await createVolume(volumeBytes)) : undefined;
  const redisConfig = { ...settings, ...(volume === undefined ? {} : { dir: volume.path }) };
  const source = resources.use(await engines.start({ name: "source", signal, redisConfig }));
  const content = contentOf(drill, { variant: "clean" });
  await loadContent(drill, source, content);
  return { source, volume, dataset: content };
}
