// What to do when a command ends with an exit code; the meaning of each code is in errors.ts.
import type { ExitReason } from "./errors.ts";

export const exitSteps: Readonly<Record<ExitReason, string>> = {
  pass: "Nothing has to be done.",
  internal: "Report it with what was printed, and with the run folder where there is one.",
  usage: "Change the command or the configuration; the message says where.",
  dataWrong: "Look at the causes at the end of the run, then at the report; do not rely on this backup.",
  notRecovered: "Look at what the system printed and at the log of its target, then run its restore by hand.",
  objectiveMissed: "Compare with earlier runs: falkordrill compare <base> <head>.",
  inconclusive: "Look at what could not be proven and run it again, on a machine with less other work.",
  environment: "Run falkordrill doctor.",
  interrupted: "Run it again.",
};
