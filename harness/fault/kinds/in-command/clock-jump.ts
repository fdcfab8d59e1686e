import { defineFault, type FaultKind } from "../../fault.ts";
import { loadInto } from "./load-into.ts";

const seconds = [2, 60, 3600, 86_400, 30 * 86_400];
const afterMsMax = 1500;

/** The clock of the server is the machine's, which is nobody's to set in a drill. */
function clockJump(name: string, about: string, sign: 1 | -1): FaultKind {
  return defineFault({
    name,
    about,
    needs: ["command"],
    injected: "before-start",
    strengthOf: (draw) => ({ jumpSeconds: sign * draw.pick(seconds), afterMs: draw.below(afterMsMax) }),
    inject: async ({ command }, strength) => loadInto(command, "./jumping-clock", strength),
  });
}

export const clockForward: FaultKind = clockJump("clock-forward", "lets the wall clock of the command jump forward", 1);
export const clockBack: FaultKind = clockJump("clock-back", "lets the wall clock of the command jump back", -1);
