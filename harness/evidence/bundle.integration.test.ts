// Evidence from a drill on a real engine: written, signed, verified, and then changed in every way that must be noticed.
import { execFileSync } from "node:child_process";
import { appendFile, cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as openpgp from "openpgp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, falkordrill as falkordrillIn } from "../cli/testing/command-line.ts";
import { verifyBundle } from "./verify-bundle.ts";
import { Keyring } from "../vault/keys/keyring.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-evidence-"));
afterAll(() => rm(root, { recursive: true, force: true }));
const keys = join(root, "keys");
const run = join(root, "night");
const good = join(root, "good");
const secretKey = join(keys, "signer-gate.secret.asc");
const publicKey = join(keys, "signer-gate.public.asc");
const passphrase = join(root, "passphrase");

const falkordrill = (...args: string[]): Promise<Ended> => falkordrillIn(args, root);

async function policy(name: string, sections: Record<string, unknown>): Promise<string> {
  const path = join(root, `${name}.json`);
  await writeFile(path, JSON.stringify({ version: 1, name, coverage: [{ scenarios: "cycle/full" }], ...sections }));
  return path;
}

/** Copies the valid bundle, to change the copy. */
async function copy(): Promise<string> {
  const folder = await mkdtemp(join(root, "copy-"));
  await cp(good, folder, { recursive: true });
  return folder;
}

/** Replaces a file and signs all statements again, as an owner of this key could. */
async function resign(folder: string, name: string, change: (text: string) => string, ring: string): Promise<void> {
  const key = await new Keyring(ring, await readFile(passphrase, "utf8")).signer();
  const text = change(await readFile(join(folder, name), "utf8"));
  const message = await openpgp.createMessage({ binary: Buffer.from(text) });
  await writeFile(join(folder, name), text);
  await writeFile(
    join(folder, `${name}.asc`),
    await openpgp.sign({ message, signingKeys: key, detached: true, format: "armored" }),
  );
}

let decided: Ended | undefined;

beforeAll(async () => {
  await writeFile(passphrase, "correct horse", { mode: 0o600 });
  await falkordrill("gate", "keygen", "--keys", keys, "--passphrase-file", passphrase);
  await falkordrill("run", "cycle/full", "--nodes", "300", "--dims", "4", "--out", run);
  const objectives = [{ scenarios: "cycle/full", rto: "5m" }];
  const path = await policy("good-policy", { objectives });
  const sign = ["--sign-key", secretKey, "--passphrase-file", passphrase];
  decided = await falkordrill("gate", run, "--policy", path, "--evidence", good, ...sign);
});

describe("the gate on a real run", () => {
  it("is a go for a drill that passed", () => {
    expect(decided).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("GO: 3 of 3 rules met") });
  });

  it.each([
    [{ objectives: [{ scenarios: "cycle/full", rto: "1ms" }] }, 12, "no-go"],
    [{ coverage: [{ scenarios: "fault/*" }] }, 13, "inconclusive"],
    [{ engines: { falkordb: ["3.*.*"] } }, 12, "no-go"],
    [{ objectives: [{ scenarios: "cycle/full", metrics: { notMeasured: { atMost: 1 } } }] }, 13, "inconclusive"],
  ])("%j ends with %i", async (sections, code, decision) => {
    const ended = await falkordrill("gate", run, "--policy", await policy("other", sections), "--json");
    expect(ended.code).toBe(code);
    expect(JSON.parse(ended.stdout)).toMatchObject({ decision, exitCode: code });
  });

  it("does not decide on a changed observation", async () => {
    const edited = join(root, "edited");
    await cp(run, edited, { recursive: true });
    const observed = join(edited, "observations", "cycle.full", "target-observed.json");
    const text = await readFile(observed, "utf8");
    await writeFile(observed, text.replace('"graphNames":[', '"graphNames":["another",'));
    const ended = await falkordrill("gate", edited, "--policy", await policy("edited-policy", {}));
    expect(ended.code).toBe(13);
    expect(ended.stdout).toContain("target-observed.json was changed after the run had written it");
  });
});

describe("a bundle", () => {
  it("verifies offline with the public key alone, and reports who signed what", async () => {
    const ended = await falkordrill("gate", "verify", good, "--key", publicKey, "--json");
    expect(ended.code).toBe(0);
    const [signer] = await new Keyring(keys).list();
    expect(JSON.parse(ended.stdout)).toMatchObject({
      verified: true,
      problems: [],
      signedBy: [signer?.fingerprint],
      decision: { decision: "go" },
    });
  });

  it("verifies with stock gpg and sha256sum", async () => {
    const home = await mkdtemp(join(root, "gpg-"));
    const gpg = (...args: string[]): string =>
      execFileSync("gpg", ["--batch", "--homedir", home, ...args], { cwd: good, encoding: "utf8", stdio: "pipe" });
    try {
      gpg("--import", publicKey);
      for (const name of ["test-result.json", "drill.json", "SHA256SUMS"]) gpg("--verify", `${name}.asc`, name);
      const checked = execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: good, encoding: "utf8" });
      expect(checked).toContain("runs/night/result.json: OK");
    } finally {
      execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
    }
  });

  it("states what an in-toto reader looks for, and all that a drill knows", async () => {
    const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(good, name), "utf8"));
    expect(await read("test-result.json")).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      predicateType: "https://in-toto.io/attestation/test-result/v0.1",
      predicate: {
        result: "PASSED",
        configuration: [
          { name: "policy/good-policy.json", digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
        ],
        passedTests: ["night/cycle/full"],
        failedTests: [],
      },
    });
    expect(await read("drill.json")).toMatchObject({
      predicate: {
        decision: "go",
        runs: [
          {
            seed: 1,
            engines: { "cycle/full": { falkordb: expect.stringMatching(/^4\./) } },
            datasets: { "cycle/full": { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
            scenarios: [{ id: "cycle/full", verdict: "pass", rtoMs: expect.any(Number) }],
          },
        ],
      },
    });
  });

  const history = "runs/night/history.jsonl";
  it.each<[string, string, (folder: string) => Promise<unknown>]>([
    ["a changed file", `${history} was changed`, (folder) => appendFile(join(folder, history), " ")],
    [
      "an added file",
      "runs/night/more.json was added",
      (folder) => writeFile(join(folder, "runs/night/more.json"), "{}"),
    ],
    ["a removed file", `${history} was removed`, (folder) => rm(join(folder, history))],
    [
      "a renamed file",
      "policy/other.json was added",
      (folder) => rename(join(folder, "policy/good-policy.json"), join(folder, "policy/other.json")),
    ],
    ["another policy", "policy.json was changed", (folder) => writeFile(join(folder, "policy.json"), "{}")],
    [
      "a changed statement",
      "drill.json is not signed by a key that was given",
      (folder) => appendFile(join(folder, "drill.json"), " "),
    ],
    ["a missing signature", "drill.json.asc is missing", (folder) => rm(join(folder, "drill.json.asc"))],
    ["a missing statement", "test-result.json is missing", (folder) => rm(join(folder, "test-result.json"))],
    [
      "a signature of another document",
      "drill.json is not signed by a key that was given",
      (folder) => cp(join(folder, "test-result.json.asc"), join(folder, "drill.json.asc")),
    ],
    [
      "no signature at all",
      "drill.json is not signed by a key that was given",
      (folder) => writeFile(join(folder, "drill.json.asc"), ""),
    ],
    ["other sums", "SHA256SUMS is not signed", (folder) => appendFile(join(folder, "SHA256SUMS"), "\n")],
    [
      "statements that disagree, though signed",
      "name different files",
      (folder) =>
        resign(folder, "drill.json", (text) => text.replace(/"name": "decision.md"/, '"name": "decision.rst"'), keys),
    ],
    [
      "one statement in the place of the other, though signed",
      "drill.json is of the type https://in-toto.io/attestation/test-result/v0.1",
      async (folder) => {
        const other = await readFile(join(folder, "test-result.json"), "utf8");
        await resign(folder, "drill.json", () => other, keys);
      },
    ],
    [
      "an invalid statement, though signed",
      "drill.json is not an in-toto statement",
      (folder) => resign(folder, "drill.json", () => "{}", keys),
    ],
  ])("with %s is refused", async (_, problem, change) => {
    const folder = await copy();
    await change(folder);
    const key = await openpgp.readKey({ armoredKey: await readFile(publicKey, "utf8") });
    const { problems, decision } = await verifyBundle(folder, [key]);
    expect(problems.join("\n")).toContain(problem);
    expect(decision).toBeUndefined();
  });

  it("is refused if it has another signer", async () => {
    const other = join(root, "other-keys");
    await falkordrill("gate", "keygen", "--keys", other, "--passphrase-file", passphrase);
    const ended = await falkordrill("gate", "verify", good, "--key", join(other, "signer-gate.public.asc"));
    expect(ended).toMatchObject({ code: 10, stdout: expect.stringContaining("REFUSED") });
    expect(ended.stdout).toContain("drill.json is not signed by a key that was given");
  });

  it("is refused if its decision does not follow from its runs, though signed by the right key", async () => {
    const forged = join(root, "forged");
    const sections = { objectives: [{ scenarios: "cycle/full", rto: "1ms" }] };
    const sign = ["--sign-key", secretKey, "--passphrase-file", passphrase];
    await falkordrill("gate", run, "--policy", await policy("strict", sections), "--evidence", forged, ...sign);
    const decision = await readFile(join(forged, "decision.json"), "utf8");
    await writeFile(join(forged, "decision.json"), decision.replace('"decision": "no-go"', '"decision": "go"'));
    const [sum = ""] = execFileSync("sha256sum", ["decision.json"], { cwd: forged, encoding: "utf8" }).split(" ");
    const old = /"decision\.json",\s+"digest": \{\s+"sha256": "(\w+)"/.exec(
      await readFile(join(forged, "drill.json"), "utf8"),
    );
    for (const name of ["test-result.json", "drill.json", "SHA256SUMS"])
      await resign(forged, name, (text) => text.replaceAll(old?.[1] ?? "none", sum), keys);
    const ended = await falkordrill("gate", "verify", forged, "--key", publicKey);
    expect(ended.code).toBe(10);
    expect(ended.stdout).toContain("the signed decision is go; judged again");
    expect(ended.stdout).toContain("it is no-go");
  });

  it("is not written without a key, over an existing one, from links, or incompletely", async () => {
    const path = await policy("again", {});
    const gate = (...args: string[]): Promise<Ended> => falkordrill("gate", run, "--policy", path, ...args);
    expect(await gate("--evidence", join(root, "unsigned"))).toMatchObject({ code: 2 });
    const locked = await gate("--evidence", join(root, "locked"), "--sign-key", secretKey);
    expect(locked).toMatchObject({ code: 2, stderr: expect.stringContaining("needs its passphrase") });
    const sign = ["--sign-key", secretKey, "--passphrase-file", passphrase];
    expect((await gate("--evidence", good, ...sign)).stderr).toContain("exists already");
    for (const [name, validity] of Object.entries({
      expired: { date: new Date("2020-01-01"), keyExpirationTime: 60 },
      future: { date: new Date("2100-01-01") },
    })) {
      const file = join(root, `${name}.asc`);
      const { privateKey } = await openpgp.generateKey({ userIDs: [{ name }], ...validity });
      await writeFile(file, privateKey, { mode: 0o600 });
      const ended = await gate("--evidence", join(root, "new"), "--sign-key", file);
      expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: the key \w+ cannot sign: .+\n/) });
    }
    const linked = join(root, "linked");
    await cp(run, linked, { recursive: true });
    await symlink("/etc/hostname", join(linked, "observations", "link"));
    const refused = await falkordrill("gate", linked, "--policy", path, "--evidence", join(root, "new"), ...sign);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("neither a file nor a folder") });
    const left = execFileSync("ls", ["-A", root], { encoding: "utf8" }).split("\n");
    expect(left.filter((name) => /^(unsigned|locked|new)/.test(name) || name.includes(".partial-"))).toEqual([]);
  });
});
