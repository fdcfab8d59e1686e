// Every fault of the lifecycle in fault.ts, by name. A new one is a file in kinds/, its name in fault-names.ts, and a row of
// the conformance suite, which asks for it.
import type { FaultKind } from "./fault.ts";
import { type FaultName, faultNames } from "./fault-names.ts";
import { clockBack, clockForward } from "./kinds/in-command/clock-jump.ts";
import { cpuStarvation } from "./kinds/cpu-starvation.ts";
import { diskErrors } from "./kinds/in-command/disk-errors.ts";
import { diskFull } from "./kinds/disk-full.ts";
import { diskReadOnly } from "./kinds/disk-read-only.ts";
import { diskSlow } from "./kinds/in-command/disk-slow.ts";
import { engineAddressSpace } from "./kinds/engine-address-space.ts";
import { engineMemory } from "./kinds/engine-memory.ts";
import { commandDescriptors, engineDescriptors } from "./kinds/few-descriptors.ts";
import { killCommand } from "./kinds/kill-command.ts";
import { killEngine } from "./kinds/kill-engine.ts";
import { killService } from "./kinds/kill-service.ts";
import { networkFaults } from "./kinds/network.ts";
import { stopCommand } from "./kinds/stop-command.ts";
import { stopEngine } from "./kinds/stop-engine.ts";
import { stopService } from "./kinds/stop-service.ts";

const kinds: readonly FaultKind[] = [
  killEngine,
  stopEngine,
  killCommand,
  stopCommand,
  killService,
  stopService,
  ...networkFaults,
  diskFull,
  diskReadOnly,
  diskErrors,
  diskSlow,
  engineMemory,
  engineAddressSpace,
  engineDescriptors,
  commandDescriptors,
  cpuStarvation,
  clockForward,
  clockBack,
];

export function faultKind(name: FaultName): FaultKind {
  const found = kinds.find((kind) => kind.name === name);
  if (found === undefined)
    throw new Error(`there is no fault ${name} among ${kinds.map((kind) => kind.name).join(", ")}`);
  return found;
}

/** Every fault that comes with FalkorDrill. */
export const faultKinds: readonly FaultKind[] = faultNames.map(faultKind);
