import { expect, it } from "vitest";
import { judgeBases, judgeLeftBehind } from "./archiver-judge.ts";
import { judgeDigests } from "./judge-moment.ts";

const first = "new full backup: the vault holds no backup yet";

it("passes chains whose backups were all reported", () => {
  expect(judgeBases("s", 1, [first, "going on with x"])).toEqual([]);
  expect(judgeBases("s", 1, [first, "new full backup: the server keeps no backlog any more"])).toEqual([]);
  expect(judgeLeftBehind("s", [])).toEqual([]);
  expect(judgeDigests("s", [])).toEqual([]);
});

it.each([
  ["a backup without a word", judgeBases("s", 2, [first]), "archive-base-unsaid"],
  ["no chain at all", judgeBases("s", 0, [first]), "archive-empty"],
  ["an end that differs", judgeDigests("s", ['graph "g" has other nodes']), "moment-differs"],
  ["a setting that was not put back", judgeLeftBehind("s", ["repl-backlog-ttl: was 3600"]), "archiver-left-behind"],
])("finds %s", (_, findings, code) => {
  expect(findings).toMatchObject([{ code, severity: "error" }]);
});
