import { expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { makeConstraints } from "../load/make-constraints.ts";
import type { Connection } from "./connection.ts";
import { untilOperational } from "./operational.ts";

it("waits for indexes and constraints end at once where the connection is lost", async () => {
  const lost = {
    roQuery: () => Promise.reject(new Error("Connection is closed.")),
  } as Partial<Connection> as Connection;
  await expect(untilOperational(lost, "g", { timeoutMs: 60_000 })).rejects.toThrow(/^Connection is closed/);
  await expect(makeConstraints(lost, "g", [], { signal: undefined, clock: systemClock })).rejects.toThrow(
    /^Connection is closed/,
  );
});
