import { describe, expect, it } from "vitest";
import { environmentError, errorsOf, explanationOf, errorMessage, usageError } from "./errors.ts";

/** The error of a scope in which the work failed, and then both disposals. */
async function thrownBy(): Promise<unknown> {
  const failing = (error: Error): AsyncDisposable => {
    const scope = new AsyncDisposableStack();
    scope.defer(() => {
      throw error;
    });
    return scope;
  };
  try {
    await using _outer = failing(new Error("the lock could not be given up"));
    await using _inner = failing(new Error("the settings could not be put back"));
    throw environmentError("the connection broke", "Try again.");
  } catch (error) {
    return error;
  }
}

describe("two failures at once", () => {
  it("are reported in the order in which they happened", async () => {
    expect(errorsOf(await thrownBy()).map(errorMessage)).toEqual([
      "the connection broke",
      "the settings could not be put back",
      "the lock could not be given up",
    ]);
  });
  it("read as the first", async () => {
    expect(errorMessage(await thrownBy())).toBe("the connection broke");
    expect(explanationOf(await thrownBy())).toBe("the connection broke. Try again.");
  });
});

it("one failure is itself", () => {
  const error = usageError("which vault?");
  expect(errorsOf(error)).toEqual([error]);
});

it("the failures of all addresses of a host have a message", () => {
  const refused = (host: string): Error => new Error(`connect ECONNREFUSED ${host}:1`);
  expect(errorMessage(new AggregateError([refused("::1"), refused("127.0.0.1")]))).toBe(
    "connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1",
  );
});
