import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { privateFolder } from "../../../base/process/reaper.ts";
import { waitFor } from "../../../base/wait.ts";
import { judgeSightings, type Planted, unusual } from "./planted.ts";
import { SecretSearch } from "./secret-search.ts";
import { ProcessWatch } from "./watch-processes.ts";

const secret: Planted = { kind: "passphrase", name: "the passphrase", text: unusual("passphrase") };
const { text } = secret;
const bytes = Buffer.from(text);
const encodings: Readonly<Record<string, string | Buffer>> = {
  "as it is": text,
  "base64, first alignment": bytes.toString("base64"),
  "base64, second alignment": Buffer.from(`a${text}bc`).toString("base64"),
  "base64, third alignment": Buffer.from(`ab${text}c`).toString("base64"),
  base64url: bytes.toString("base64url"),
  "base64 in lines": Buffer.from("x".repeat(49) + text + "x".repeat(99))
    .toString("base64")
    .replaceAll(/.{64}/g, "$&\n"),
  hex: bytes.toString("hex"),
  "hex in capital letters": bytes.toString("hex").toUpperCase(),
  "UTF-16LE": Buffer.from(text, "utf16le"),
  "UTF-16BE": Buffer.from(text, "utf16le").swap16(),
  percent: encodeURIComponent(text),
  JSON: JSON.stringify(text),
  "JSON in ASCII": JSON.stringify(text)
    .replaceAll("ü", String.raw`\u00fc`)
    .replaceAll("ï", String.raw`\u00ef`),
  HTML: text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  gzip: gzipSync(`before ${text}`),
  zstd: zstdCompressSync(Buffer.from(`before ${text}`)),
};

it("a planted secret is found in a file in every encoding, in its name, and across two pieces of a large file", async () => {
  await using folder = await privateFolder("search");
  await mkdir(join(folder.path, "vault"));
  const padding = Buffer.alloc(1024 * 1024 - 3, "-");
  for (const [name, content] of Object.entries(encodings)) await writeFile(join(folder.path, "vault", name), content);
  await writeFile(join(folder.path, "large"), Buffer.concat([padding, bytes, padding]));
  await writeFile(join(folder.path, encodeURIComponent(text)), "");
  await writeFile(join(folder.path, "clean"), JSON.stringify({ name: "passphrase" }).repeat(100));
  const search = new SecretSearch([secret, { ...secret, name: "another", text: unusual("other") }]);
  await search.folder("", folder.path);
  const expected = [...Object.keys(encodings).map((name) => `vault/${name}`), "large", encodeURIComponent(text)];
  expect(search.sightings.map(({ place }) => place).toSorted()).toEqual(expected.toSorted());
  expect(new Set(search.sightings.map(({ planted }) => planted.name))).toEqual(new Set([secret.name]));
  expect(judgeSightings(search.sightings).leaks).toHaveLength(expected.length);
  expect(JSON.stringify(search.sightings.filter(({ place }) => place.startsWith("vault")))).not.toContain(text);
});

it("a planted secret is found in the arguments and the environment of a process, and of those that it starts", async () => {
  const child = spawn("/bin/sh", ["-c", "LEAKED=$GIVEN sh -c 'sleep 60; :' x \"$GIVEN\" & wait"], {
    env: { GIVEN: text, PATH: "/usr/bin:/bin" },
    detached: true,
  });
  const { pid = 0 } = child;
  try {
    using watch = new ProcessWatch(pid);
    const found = await waitFor(
      async () => {
        const search = new SecretSearch([secret]);
        search.processes("test", watch.seen);
        const places = new Set(search.sightings.map(({ place }) => place.replace("test/", "")));
        const expected = ["process/command/environ", "process/sh/argv", "process/sh/environ", "process/sleep/environ"];
        return expected.every((place) => places.has(place)) ? search.sightings : undefined;
      },
      { what: "all three processes to be seen", timeoutMs: 20_000, exit: "environment" },
    );
    const { leaks, allowed } = judgeSightings(found);
    expect(allowed.size).toBe(0);
    expect(leaks.length).toBe(found.length);
  } finally {
    process.kill(-pid, "SIGKILL");
  }
});

it("what is given in a file or in the environment, and written to a named file, may be in clear there and nowhere else", () => {
  const at = (kind: Planted["kind"], place: string) => ({ planted: { kind, name: kind }, place });
  const allowed = [
    at("token", "secrets/token"),
    at("environment", "process/backup/command/environ"),
    at("graph", "out/dump.rdb"),
    at("name", "vault/backups/20260101T000000Z-00000000/manifest.json"),
  ];
  const leaks = [
    at("token", "logs/backup.err"),
    at("passphrase", "process/backup/command/environ"),
    at("environment", "process/backup/sh/environ"),
    at("token", "out/dump.rdb"),
    at("graph", "out/half.rdb"),
    at("graph", "vault/backups/20260101T000000Z-00000000/manifest.json"),
  ];
  expect(judgeSightings([...allowed, ...leaks]).leaks).toEqual(leaks);
});
