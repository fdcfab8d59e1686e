import { defineFault, type FaultKind } from "../fault.ts";
import { stopProcess } from "./signal-process.ts";

export const stopService: FaultKind = defineFault({
  name: "stop-service",
  about: "stops the graph service (SIGSTOP), which then keeps its connections and answers nothing",
  needs: ["service"],
  injected: "while-running",
  strengthOf: () => ({}),
  inject: ({ service }, _, undo) => stopProcess(service?.pid, undo),
});
