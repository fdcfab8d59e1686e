// The one value that the command line provides to the vitest worker, typed for both ends.
import type { Selection } from "./selection.ts";

declare module "vitest" {
  export interface ProvidedContext {
    falkordrill: Selection;
  }
}
