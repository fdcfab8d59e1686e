import { execFileSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { helperEnvironment } from "../base/environment.ts";
import { privateFolder } from "../base/process/reaper.ts";
import { scriptOf } from "./script.ts";
import { shrunkSystem } from "./shrunk-system.ts";

const ownName = "echo sum > $FALKORDRILL_BACKUP_DIR/7.sum; seq 99 > $FALKORDRILL_BACKUP_DIR/7.rdb";

it.each([
  ["the name that was suggested", "seq 99 > $FALKORDRILL_BACKUP_DIR/$FALKORDRILL_RESTORE_POINT.rdb", {}, "shrunk"],
  ["the largest file, as a drill does", ownName, {}, "7.rdb"],
  ["what the list shows last", ownName, { list: "echo 6; echo 7" }, "7"],
  ["files elsewhere by the suggested name", ownName, { artifacts: "/var/backups/*" }, "shrunk"],
])("restores in a script: %s", async (_, backup, settings, expected) => {
  await using folder = await privateFolder("script");
  const restore = `echo "$FALKORDRILL_RESTORE_POINT" > restored`;
  const system = shrunkSystem("own", undefined, { programs: { backup, restore, ...settings } });
  const shrunk = { graphs: [], operations: [], server: {} };
  const input = { sentence: "s", shrunk, system, isEngine: false, code: "node-missing", check: undefined };
  const script = join(folder.path, "repro.sh");
  await writeFile(script, scriptOf(input));
  await chmod(script, 0o700);
  const own = { SOURCE: "a", TARGET: "b", SOURCE_DATA: "c", TARGET_DATA: "d", STOP: "e", START: "f" };
  execFileSync("bash", [script], {
    cwd: folder.path,
    env: { ...helperEnvironment(), TMPDIR: folder.path, ...own },
  });
  expect(await readFile(join(folder.path, "restored"), "utf8")).toBe(`${expected}\n`);
});
