// How a script of the action ends: a known error becomes a sentence and an annotation, never a stack trace.
import { DrillError, exitCodes } from "../../harness/base/errors.ts";
import { annotation } from "../../reports/text/github.ts";

export async function explained(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    process.stdout.write(annotation("error", "FalkorDrill", [error.message, error.hint ?? ""].join("\n").trim()));
    return exitCodes[error.exit];
  }
}
