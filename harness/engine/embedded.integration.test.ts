import { describe } from "vitest";
import { engineConformance } from "./testing/conformance.ts";
import { embeddedEngines } from "./embedded.ts";

describe("embedded engine", () => {
  engineConformance({ provider: () => embeddedEngines(), can: { processes: true, files: true } });
});
