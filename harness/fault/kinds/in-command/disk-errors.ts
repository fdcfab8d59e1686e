import { defineFault, type FaultKind } from "../../fault.ts";
import { type StorageKind, storageKinds } from "../../storage/failing-files.ts";
import { loadInto } from "./load-into.ts";

/** Operations of which the failing one is drawn: more than a small backup has. */
const operationsMax = 40;

export const diskErrors: FaultKind = defineFault({
  name: "disk-errors",
  about:
    "lets the N-th operation of the command on its vault fail, and all after it or none: EIO, ENOSPC, EROFS, EACCES, half a write",
  needs: ["command"],
  injected: "before-start",
  strengthOf: (draw) => ({
    kind: draw.pick(Object.keys(storageKinds) as StorageKind[]),
    at: 1 + draw.below(operationsMax),
    lasts: draw.chance(0.5),
  }),
  inject: async ({ command }, strength) => loadInto(command, "./failing-disk", strength),
});
