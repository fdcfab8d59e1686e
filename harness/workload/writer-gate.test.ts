import { expect, test } from "vitest";
import { WriterGate } from "./writer-gate.ts";

test("a held gate lets writes in progress finish and no other start", async () => {
  const gate = new WriterGate();
  const said: string[] = [];
  const first = Promise.withResolvers<void>();
  const running = gate.through(async () => {
    await first.promise;
    said.push("first");
  });
  const held = gate.hold().then(() => said.push("quiet"));
  const second = gate.through(async () => void said.push("second"));
  first.resolve();
  await Promise.all([running, held]);
  expect(said).toEqual(["first", "quiet"]);
  gate.release();
  await second;
  expect(said).toEqual(["first", "quiet", "second"]);
});
