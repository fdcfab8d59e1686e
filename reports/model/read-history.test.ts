import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { RunRecord } from "../../harness/record/run-directory.ts";
import { readHistory } from "./read-history.ts";
import { sampleRun, stored } from "../testing/sample-run.ts";

it("reads earlier runs of the same drill, oldest first, and passes over the others", async () => {
  const folder = mkdtempSync(join(tmpdir(), "falkordrill-history-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const { record } = stored();
  const write = (name: string, change: Partial<RunRecord>, result: string = JSON.stringify(sampleRun)): void => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "run.json"), JSON.stringify({ ...record, ...change }));
    writeFileSync(join(folder, name, "result.json"), result);
  };
  write("c", { startedAt: "2026-01-01T12:00:00.000Z" });
  write("b", { startedAt: "2026-01-01T10:00:00.000Z", commit: "d".repeat(40) });
  write("later", { startedAt: "2026-02-01T10:00:00.000Z" });
  write("other-size", { startedAt: "2026-01-01T10:00:00.000Z", options: { nodes: 5 } });
  write("damaged", { startedAt: "2026-01-01T10:00:00.000Z" }, "{");
  mkdirSync(join(folder, "no-run"));

  const found = await readHistory(folder, record);
  expect(found.map(({ startedAt }) => startedAt.slice(11, 16))).toEqual(["10:00", "12:00"]);
  expect(found[0]).toMatchObject({ commit: "d".repeat(40), rtoMs: 900, rpoWrites: 3 });
  expect(found[0]?.verdicts.get("cycle/wire")).toBe("fail");
  expect(await readHistory(join(folder, "nowhere"), record)).toEqual([]);
});
