// Every runbook with the faults after which it is followed.
import type { Rehearsal } from "./rehearse.ts";
import { dataRehearsals } from "./rehearsals/data.ts";
import { drillRehearsals } from "./rehearsals/drill.ts";
import { lostRehearsals } from "./rehearsals/lost.ts";
import { regionRehearsals } from "./rehearsals/region.ts";
import { vaultRehearsals } from "./rehearsals/vault.ts";

export const rehearsals: readonly Rehearsal[] = [
  ...lostRehearsals,
  ...dataRehearsals,
  ...vaultRehearsals,
  ...regionRehearsals,
  ...drillRehearsals,
];
