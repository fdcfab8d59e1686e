import { defineFault, type FaultKind } from "../fault.ts";
import { killProcess } from "./signal-process.ts";

export const killCommand: FaultKind = defineFault({
  name: "kill-command",
  about: "kills the process of the command: a backup, an archiver, a restore, a verify or a prune (SIGKILL)",
  needs: ["command"],
  injected: "while-running",
  strengthOf: () => ({}),
  inject: ({ command }) => killProcess(command?.pid()),
});
