// Needs a Docker engine and an image of FalkorDB. Without them it is skipped, and its name says why; with
// FALKORDRILL_REQUIRE_CONTAINERS set (as in CI) their absence is a failure.
import { describe, expect, test } from "vitest";
import { environment } from "../../base/environment.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { engineConformance } from "../testing/conformance.ts";
import { countItems, seed } from "../testing/conformance-data.ts";
import { loadDespiteStall } from "../stall-watch.ts";
import { containerEngines } from "./container.ts";

const missing = await containerEngines().unavailable();
const isSkipped = missing !== undefined && !environment().requireContainers;

describe.skipIf(isSkipped)(`container engine${isSkipped ? `, skipped: ${missing}` : ""}`, () => {
  test("starts, is killed, and restarts with the data of its append-only file", async () => {
    expect(missing).toBeUndefined();
    await using engine = await containerEngines().start({ redisConfig: { appendonly: "yes", appendfsync: "always" } });
    await seed(engine);
    await engine.kill();
    await loadDespiteStall(() => engine.restart());
    expect(await countItems(engine)).toBe(1000);
  });
  if (isNightly)
    engineConformance({ provider: containerEngines, can: { processes: true, files: true }, onlyLaunch: true });
});
