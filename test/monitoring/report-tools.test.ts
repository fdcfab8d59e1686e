// scripts/report-tools.sh on a machine whose packages lack one of the tools: it says so, and brings the others.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../harness/base/package.ts";
import { privateFolder } from "../../harness/base/process/reaper.ts";

const aptGet = `#!/bin/sh
case "$*" in
  *prometheus-alertmanager*) echo "E: Unable to locate package prometheus-alertmanager" >&2; exit 100 ;;
  *chromium*) tool=chromium ;;
  *prometheus*) tool=promtool ;;
  *) exit 0 ;;
esac
printf '#!/bin/sh\\n' > "$STUBS/$tool"
chmod +x "$STUBS/$tool"
`;

it("ends with 14 and the reason where prometheus-alertmanager cannot be installed, and the others are there", async () => {
  await using stubs = await privateFolder("report-tools");
  const { path } = stubs;
  for (const tool of ["bash", "sh", "tail", "tr", "head", "chmod"]) await symlink(`/usr/bin/${tool}`, join(path, tool));
  await writeFile(join(path, "id"), "#!/bin/sh\necho 0\n", { mode: 0o700 });
  await writeFile(join(path, "apt-get"), aptGet, { mode: 0o700 });
  const { status, stderr } = spawnSync("/bin/bash", [join(packageRoot(), "scripts/report-tools.sh")], {
    env: { PATH: path, STUBS: path },
    encoding: "utf8",
    timeout: 20_000,
  });
  expect([status, stderr]).toEqual([
    14,
    expect.stringMatching(/Unable to locate package prometheus-alertmanager *\n$/),
  ]);
  expect(["chromium", "promtool", "amtool"].map((tool) => existsSync(join(path, tool)))).toEqual([true, true, false]);
});
