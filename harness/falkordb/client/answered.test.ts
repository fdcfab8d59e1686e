import { expect, test } from "vitest";
import { answered } from "./answered.ts";
import type { Connection } from "./connection.ts";

/** Only closing is asked of it. */
function closable(): { connection: Connection; closed: Promise<void>; closings: () => number } {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const close = (): void => {
    count++;
    resolve();
  };
  return { connection: { close } as unknown as Connection, closed, closings: () => count };
}

test("an answer passes through, and the connection stays open", async () => {
  const { connection, closings } = closable();
  expect(await answered(connection, "asking", Promise.resolve(3), 50)).toBe(3);
  expect(closings()).toBe(0);
});

test("an error names what was asked, and carries no command", async () => {
  const { connection } = closable();
  const failed = answered(connection, "asking", Promise.reject(new Error("no such thing")), 50);
  await expect(failed).rejects.toThrow("asking failed: no such thing");
  await expect(failed).rejects.not.toHaveProperty("cause");
});

test("at the deadline the connection is closed, which ends the wait", async () => {
  const { connection, closed } = closable();
  const pending = closed.then(() => Promise.reject(new Error("Connection is closed.")));
  await expect(answered(connection, "asking", pending, 5)).rejects.toThrow("asking failed: no answer within 5.0 ms");
});
