// Needs a Docker engine and an image of FalkorDB. Without them it is skipped, and its name says why; with
// FALKORDRILL_REQUIRE_CONTAINERS set (as in CI) their absence is a failure.
import { describe, expect, test } from "vitest";
import { environment } from "../../base/environment.ts";
import { engineConformance } from "../testing/conformance.ts";
import { containerEngines } from "./container.ts";

const missing = await containerEngines().unavailable();
const isSkipped = missing !== undefined && !environment().requireContainers;

describe.skipIf(isSkipped)(`container engine${isSkipped ? `, skipped: ${missing}` : ""}`, () => {
  test("can be had on this machine", () => {
    expect(missing).toBeUndefined();
  });
  engineConformance({ provider: containerEngines, can: { processes: true, files: true }, onlyLaunch: true });
});
