import { defineFault, type FaultKind } from "../../fault.ts";
import { loadInto } from "./load-into.ts";

const slowestMs = 100;

export const diskSlow: FaultKind = defineFault({
  name: "disk-slow",
  about: "makes each operation of the command on its vault take longer",
  needs: ["command"],
  injected: "before-start",
  strengthOf: (draw) => ({ ms: 5 + draw.below(slowestMs) }),
  inject: async ({ command }, strength) => loadInto(command, "./slow-disk", strength),
});
