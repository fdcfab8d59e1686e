import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { headOf, searchFile } from "../../base/files/search-file.ts";
import { formsOf } from "../../base/files/text-forms.ts";
import { isNightly } from "../../base/testing/nightly.ts";
import { type AttackRow, judgeAttack, recovered, refused, roles, type VaultAttack } from "./attack.ts";
import { accessAttacks } from "./access-attacks.ts";
import { credentialAttacks } from "./credential-attacks.ts";
import { denialAttacks } from "./denial-attacks.ts";
import { leaverAttacks } from "./leaver-attacks.ts";
import { lostKeyAttacks } from "./lost-key-attacks.ts";
import { removalAttacks } from "./removal-attacks.ts";
import { attackTable, runAttacks } from "./run-attacks.ts";
import { runServiceAttacks } from "./run-service-attacks.ts";
import { serviceAttacks } from "./service-attacks.ts";
import { spliceAttacks } from "./splice-attacks.ts";
import { type AttackGround, attackGround, canary } from "./testing/attack-ground.ts";

const all: readonly VaultAttack[] = [
  ...removalAttacks,
  ...spliceAttacks,
  ...denialAttacks,
  ...credentialAttacks,
  ...lostKeyAttacks,
  ...leaverAttacks,
  ...accessAttacks,
];
let ground: AttackGround;
beforeAll(async () => {
  ground = await attackGround();
});
afterAll(() => ground[Symbol.asyncDispose]());

const findings = (rows: readonly AttackRow[]): string[] =>
  rows.flatMap(({ outcome, verb, does, by }) => (outcome === "finding" ? [`${does}, ${verb}: ${by}`] : []));

describe("attacks on a vault, its keys and its service", () => {
  it("are more than 150, of seven roles, none a copy of another", () => {
    const names = [
      ...all.flatMap(({ role, does, on }) => Object.keys(on).map((verb) => `${role} ${does} ${verb}`)),
      ...serviceAttacks.map(({ does, verb }) => `${does} ${verb}`),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(280);
    const tried = new Set([...all.map(({ role }) => role), "stolen admin token"]);
    expect(roles.filter((role) => !tried.has(role))).toEqual(["slow ransomware"]);
  });

  it("on a vault end in a refusal, a detection or a recovery; npm test tries a sample", async () => {
    const offset = Math.floor(systemClock.nowMs()) % 120;
    const rows = await runAttacks(
      all,
      () => ground.layOut(),
      (index, isOnce) => isNightly || isOnce || index % 120 === offset,
    );
    expect(findings(rows)).toEqual([]);
    process.stdout.write(`${attackTable(rows).join("\n")}\n`);
  }, 900_000);

  it("with a stolen token end in a refusal, or do only what the token is for", async () => {
    await using folder = await privateFolder("attack-logs");
    const rows = await runServiceAttacks(serviceAttacks, folder.path);
    expect(findings(rows)).toEqual([]);
    process.stdout.write(`${attackTable(rows).join("\n")}\n`);
  });

  it("that are not defended are named in SECURITY.md", async () => {
    const text = (await readFile("SECURITY.md", "utf8")).replaceAll(/\s+/g, " ");
    const named = [...all.flatMap(({ on }) => Object.values(on)), ...serviceAttacks.map(({ ends }) => ends)];
    const missing = named.flatMap((end) =>
      end.is === "undefended" && !text.includes(end.security) ? [end.security] : [],
    );
    expect(missing).toEqual([]);
  });

  it("find nothing of the content in any byte of the vault", async () => {
    const { store } = await ground.layOut();
    const needles = formsOf(canary).map((bytes) => ({ what: canary, bytes }));
    const found: string[] = [];
    for (const { path } of await store.list("")) {
      const file = Buffer.from(join(store.where, path));
      if ((await searchFile(file, await headOf(file), needles)).length > 0) found.push(path);
    }
    expect(found).toEqual([]);
  });

  it("are judged by what a command said and gave", () => {
    const control = { said: [], gave: "content" };
    expect(judgeAttack(recovered, control, control).outcome).toBe("recovered");
    expect(judgeAttack(recovered, { said: [], gave: "other" }, control).outcome).toBe("finding");
    expect(judgeAttack(refused(/missing/), control, control).outcome).toBe("finding");
    expect(judgeAttack(refused(/missing/), { said: [], failed: "a key" }, control).outcome).toBe("finding");
  });
});
