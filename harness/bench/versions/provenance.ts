// What the figures of this process depend on apart from the version under test.
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";
import type { Provenance } from "../../../reports/regression/provenance.ts";
import { formatBytes } from "../../base/units.ts";
import { engineIdentity } from "../../engine/identity.ts";
import type { BenchContext } from "../benchmark.ts";

/** `configuration`: what was asked for, as name -> value. */
export async function provenanceOf(
  { engines, progress, signal }: Pick<BenchContext, "engines" | "progress" | "signal">,
  configuration: Readonly<Record<string, string | number>>,
): Promise<Provenance> {
  const words = Object.entries(configuration).map(([name, value]) => `${name}=${value}`);
  return {
    machine: `${availableParallelism()} x ${cpus()[0]?.model ?? "unknown"}, ${formatBytes(totalmem())}`,
    platform: `${process.platform} ${release()} ${arch()}`,
    node: process.version,
    engine: await engineIdentity(engines.kind, { progress, signal }),
    configuration: words.toSorted().join(" "),
  };
}
