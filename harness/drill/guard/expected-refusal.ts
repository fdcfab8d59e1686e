// For calls of the system under test that may fail, or have to.
import { DrillError } from "../../base/errors.ts";

/** What the guard reports of a system that refuses, crashes, or loads what its engine does not take. */
export function expectedRefusal(error: unknown): DrillError {
  if (error instanceof DrillError && (error.exit === "notRecovered" || error.exit === "dataWrong")) return error;
  throw error;
}
