import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AptSource, findAptSource } from "./apt-source.ts";
import { privateFolder } from "../../base/process/reaper.ts";

const bookworm = 'ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n';
const jammy = "ID=ubuntu\nVERSION_CODENAME=jammy\n";

async function find(files: Record<string, string>): Promise<AptSource | undefined> {
  await using folder = await privateFolder("test");
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  }
  return await findAptSource(folder.path);
}

describe("the mirror of newer packages", () => {
  test("from a deb822 file, with its keyring, and not from the security archive", async () => {
    const found = await find({
      "etc/os-release": bookworm,
      "etc/apt/sources.list.d/debian.sources": `Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /keys/security.gpg

Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /keys/debian.gpg
`,
    });
    expect(found).toEqual({ uri: "http://mirror.example/debian", signedBy: "/keys/debian.gpg", suite: "trixie" });
  });

  test("from a one-line list, with and without options", async () => {
    const list = (line: string): Promise<AptSource | undefined> =>
      find({ "etc/os-release": jammy, "etc/apt/sources.list": `# deb http://no/ jammy main\n${line}\n` });
    expect(await list("deb http://mirror.example/ubuntu/ jammy main restricted")).toEqual({
      uri: "http://mirror.example/ubuntu/",
      signedBy: undefined,
      suite: "noble",
    });
    const withOptions = await list("deb [arch=amd64 signed-by=/keys/u.gpg] https://mirror.example/ubuntu jammy main");
    expect(withOptions?.signedBy).toBe("/keys/u.gpg");
    expect(await list("deb http://mirror.example/ubuntu jammy universe")).toBeUndefined();
    expect(await list("deb-src http://mirror.example/ubuntu jammy main")).toBeUndefined();
  });

  test("is not looked for on other systems", async () => {
    expect(await find({ "etc/os-release": "ID=alpine\nVERSION_ID=3.20\n" })).toBeUndefined();
    expect(await find({})).toBeUndefined();
    expect(await find({ "etc/os-release": bookworm })).toBeUndefined();
  });
});
