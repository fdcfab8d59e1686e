// What is said of restores that did not end: commands that reach the same server in the same way.
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseServerUrl, serverUrl } from "../../base/endpoint.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { Keyring } from "../keys/keyring.ts";
import { openSecret, sealSecret } from "../keys/sealed-secret.ts";
import { nothingLeft, wayOut } from "../restore/left-restore.ts";
import { newMark, openGateSettings } from "../restore/write-gate.ts";
import { initVault } from "../store/vault.ts";
import { RestoreJournal } from "./journal.ts";
import { openRestores } from "./open-restores.ts";

const url = "rediss://an%20admin:secret@db:7000?tls-ca=/etc/our ca.pem";
const endpoint = parseServerUrl(url);
const to = "'rediss://an%20admin@db:7000?tls-ca=%2Fetc%2Four%20ca.pem'";

it("a restore that did not end is taken over and rolled back by the URL and the flags that it was given", async () => {
  await using folder = await privateFolder("open-restores");
  const keyring = new Keyring(join(folder.path, "keys"));
  await keyring.generate("signer", "s", "interop");
  const context = { store: await initVault(join(folder.path, "vault")), keyring };
  const where = { target: "db:7000", runId: "1", point: "POINT", signal: new AbortController().signal };
  const flags = ["--password-file", "/p", "--trust-way-back", "--refuse-writes"];
  const begun = { mark: newMark(), gate: openGateSettings };
  {
    const reached = { ...where, to: serverUrl(endpoint), flags };
    await using journal = await RestoreJournal.claim(context, reached, () => Promise.resolve(begun));
    await journal.write({ state: "failed", step: "swap" });
  }
  const { restores } = await openRestores(context);
  const words = `--in-place --to ${to} --password-file /p --trust-way-back --refuse-writes`;
  expect(restores).toEqual([expect.stringContaining(`falkordrill vault restore POINT ${words} --yes;`)]);
  expect(restores).toEqual([expect.stringMatching(/by: falkordrill vault restore .* --roll-back$/)]);
  expect(restores[0]).not.toContain("secret");
});

it("one that another one follows on a restarted server is open again where that one fails", async () => {
  await using folder = await privateFolder("open-restores");
  const keyring = new Keyring(join(folder.path, "keys"));
  await keyring.generate("signer", "s", "interop");
  const context = { store: await initVault(join(folder.path, "vault")), keyring };
  const where = { target: "db:7000", runId: "2", point: "SECOND", signal: new AbortController().signal };
  const earlier = { point: "FIRST", step: "swap", safety: { id: "KEPT", fingerprint: "f" } };
  const begun = { mark: newMark(), gate: openGateSettings, earlier };
  await using journal = await RestoreJournal.claim(context, where, () => Promise.resolve(begun));
  await journal.write({ step: "safety", safety: { id: "NEW", fingerprint: "g" } });
  await journal.writeBack();
  expect(journal.entry).toMatchObject({ state: "failed", ...earlier });
  // Rolled back to that, nothing is left to bring back.
  await journal.writeBack();
  expect(journal.entry.state).toBe("rolled back");
});

it("a server that a restore in place has left is named by its URL, a socket as well", () => {
  const left = { ...nothingLeft, isReplaced: true };
  expect(wayOut(endpoint, left)).toContain(`--roll-back --to ${to}`);
  expect(wayOut(parseServerUrl("unix:///run/db.sock"), left)).toContain("--to unix:///run/db.sock");
});

it("a secret that is sealed to a key ring is opened by each of its recipients, and by no other", async () => {
  await using folder = await privateFolder("sealed");
  const [ring, other] = [new Keyring(join(folder.path, "a")), new Keyring(join(folder.path, "b"))];
  for (const [name, profile] of [
    ["one", "interop"],
    ["two", "modern"],
  ] as const)
    await ring.generate("recipient", name, profile);
  const sealed = (await sealSecret(ring, "pässword:,=")) ?? "";
  expect(sealed).toMatch(/^[A-Za-z\d+/=]+$/);
  expect(await openSecret(other, sealed)).toBeUndefined();
  for (const name of ["one", "two"]) {
    const alone = new Keyring(join(folder.path, name));
    await alone.import("recipient", name, await ring.export("recipient", name, true));
    expect(await openSecret(alone, sealed)).toBe("pässword:,=");
  }
  expect(await sealSecret(other, "x")).toBeUndefined();
});
