import { defineFault, type FaultKind } from "../fault.ts";
import { stopProcess } from "./signal-process.ts";

export const stopCommand: FaultKind = defineFault({
  name: "stop-command",
  about: "stops the process of the command (SIGSTOP), and lets it go on later (SIGCONT)",
  needs: ["command"],
  injected: "while-running",
  strengthOf: () => ({}),
  inject: ({ command }, _, undo) => stopProcess(command?.pid(), undo),
});
