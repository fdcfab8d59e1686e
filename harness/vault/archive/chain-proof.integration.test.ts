// Proofs of real chains: silent where the chain gives what the source held, and a sentence for each way in which a
// chain can go wrong unnoticed. The chains are recorded without looking at their commands.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silentProgress } from "../../base/progress.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import { connect, type Connection } from "../../falkordb/client/connection.ts";
import type { BackupContext } from "../backup/backup.ts";
import { type ChainProof, proveChain } from "./chain-proof.ts";
import type { RecoveryTarget } from "../chain/find-moment.ts";
import { Keyring } from "../keys/keyring.ts";
import { appendEntry } from "../catalogue/append.ts";
import { checkVault } from "../catalogue/check-vault.ts";
import { faultOf, proofFolder, readProofs } from "../chain/proofs.ts";
import { writeValidation } from "../store/validation.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { restoreBackup } from "../restore/restore.ts";
import { type TestChain, testChain } from "../testing/test-chain.ts";
import { fillSource, serverSettings } from "../testing/test-source.ts";
import { initVault } from "../store/vault.ts";

const engines = embeddedEngines();
const root = await mkdtemp(join(tmpdir(), "falkordrill-proof-"));
const keyring = new Keyring(join(root, "keys"));
await ensureKeys(keyring, "interop");
const { signal } = new AbortController();
let vaults = 0;
let source: Engine;
let connection: Connection;
let context: BackupContext;
let resources: AsyncDisposableStack;
let chain: TestChain;

beforeAll(async () => {
  source = await engines.start({ name: "source", moduleArgs: { EFFECTS_THRESHOLD: "0" } });
  connection = await connect(source.endpoint);
});
afterAll(async () => {
  connection.close();
  await source[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  await connection.command("FLUSHALL");
  await fillSource(source.endpoint);
  const store = await initVault(join(root, `vault-${vaults++}`));
  context = { store, keyring, profile: "interop", partBytes: 2 ** 20 };
  chain = resources.use(await testChain(context, source));
});
afterEach(() => resources.disposeAsync());

function prove(provider: EngineProvider = engines): Promise<ChainProof> {
  const sealed = async (offset: number): Promise<TestChain["head"]> =>
    chain.head.offset >= offset ? chain.head : await chain.seal();
  return proveChain(context, { source, base: chain.base, engines: provider, sealed, signal });
}

async function write(): Promise<void> {
  await connection.query(
    "people",
    "MATCH (p:Person) WHERE p.id < 50 SET p.secret = toString(rand()), p.at = timestamp() " +
      "CREATE (p)-[:KNOWS {since: toInteger(rand() * 1000), fact: 'new'}]->(:Thing {v: rand()})",
  );
}

async function restored(at: RecoveryTarget, allowFaulty = false): Promise<number | undefined> {
  const request = { point: chain.base, at, way: "file", engines, progress: silentProgress, signal } as const;
  const { target, reached } = await restoreBackup(context, { ...request, allowFaulty });
  await target[Symbol.asyncDispose]();
  return reached?.offset;
}

describe("a proof of a chain", () => {
  it("is silent where the chain gives what the source held, and the vault remembers it", async () => {
    const before = await serverSettings(source.endpoint);
    const first = await prove();
    expect(first).toMatchObject({ ok: true, problems: [], offset: chain.head.offset, entities: 5999 });
    await write();
    await connection.query("people", "MATCH (t:Thing) WITH t LIMIT 20 DETACH DELETE t");
    await connection.query("people", "CREATE INDEX FOR (t:Thing) ON (t.v)");
    await connection.command(
      "GRAPH.CONSTRAINT",
      "CREATE",
      "people",
      "MANDATORY",
      "NODE",
      "Thing",
      "PROPERTIES",
      1,
      "v",
    );
    await connection.command("SELECT", 5);
    await connection.query("elsewhere", "CREATE (:E {x: rand()})");
    await connection.command("SELECT", 0);
    await connection.command("GRAPH.DELETE", "empty");
    await connection.query("empty", "CREATE (:Fresh)");
    const second = await prove();
    expect(second).toMatchObject({ ok: true, problems: [] });
    const kept = await readProofs(context.store, chain.base, keyring);
    expect(kept.map(({ ok, offset }) => [ok, offset])).toEqual([
      [true, first.offset],
      [true, second.offset],
    ]);
    expect(await context.store.list("locks/")).toEqual([]);
    expect(await context.store.list("guest/")).toEqual([]);
    expect(await serverSettings(source.endpoint)).toEqual(before);
  });

  it("withdraws the fault that an earlier proof of the same increment found, and the audit sees no removal in that", async () => {
    await write();
    const { number, sha256, offset } = await chain.seal();
    const found = { offset, at: "2026-11-29T00:00:00.000Z", ok: false, problems: ["it differs"], phases: [] };
    await writeValidation(context.store, proofFolder(chain.head), found, await keyring.signer());
    const judged = { does: "judged", point: chain.base, number, sha256, ok: false } as const;
    await appendEntry(context, () => [judged]);
    expect(await faultOf(context.store, chain.base, keyring, offset)).toBeDefined();
    expect(await prove()).toMatchObject({ ok: true, offset });
    expect(await faultOf(context.store, chain.base, keyring, offset)).toBeUndefined();
    expect((await checkVault(context)).problems).toEqual([]);
  });

  it("finds a schema that a failed query left in the source, before anything goes to a wrong label", async () => {
    await expect(connection.query("people", "CREATE (:Ghost {x: 1}) WITH 1 AS one RETURN one / 0")).rejects.toThrow(
      "Division by zero",
    );
    const { ok, problems } = await prove();
    expect(ok).toBe(false);
    expect(problems.join("\n")).toContain('number 1 is nothing instead of "Ghost"');
  });

  it("finds the consequences: a wrong label, or a crashing engine", async () => {
    await write();
    await chain.seal();
    await expect(connection.query("people", "CREATE (:Ghost {x: 1}) WITH 1 AS one RETURN one / 0")).rejects.toThrow(
      "Division by zero",
    );
    for (const label of ["One", "Two", "Three"]) await connection.query("people", `CREATE (:${label} {x: 1})`);
    const { ok, problems } = await prove();
    expect(ok).toBe(false);
    expect(problems).not.toEqual([]);
  });

  it("finds one forged value in a chain whose every signature and link is right, and restores keep away from it", async () => {
    await connection.query("people", "CREATE (:Note {text: 'what was written first'})");
    const good = await prove();
    await connection.query("people", "CREATE (:Note {text: 'genuine'})");
    await chain.seal([], (bytes) => Buffer.from(bytes.toString("latin1").replace("genuine", "forged!"), "latin1"));
    await write();
    const bad = await prove();
    expect(bad).toMatchObject({ ok: false, problems: [expect.stringContaining('graph "people" has other nodes')] });

    await expect(restored("latest")).rejects.toMatchObject({
      findingCode: "chain-faulty",
      message: expect.stringContaining(`at offset ${bad.offset}`) as string,
      hint: expect.stringContaining(`--at ${good.offset}`) as string,
    });
    expect(await restored({ offset: good.offset })).toBe(good.offset);
    expect(await restored("latest", true)).toBe(chain.head.offset);
  });

  it("finds a chain that crashes an engine", async () => {
    await write();
    const mortal: EngineProvider = {
      ...engines,
      start: async (options = {}) => {
        const redisConfig = { ...options.redisConfig, "enable-debug-command": "yes" };
        const engine = await engines.start({ ...options, redisConfig });
        if (options.name !== "proof-chain") return engine;
        await using crashing = await connect(engine.endpoint);
        await crashing.command("DEBUG", "SEGFAULT").catch(() => {});
        return engine;
      },
    };
    const { ok, problems } = await prove(mortal);
    expect([ok, problems]).toEqual([false, [expect.stringContaining("an engine crashes while replaying the chain")]]);
  });

  it("records nothing about a chain when the engine is killed or cannot start", async () => {
    const killed: EngineProvider = {
      ...engines,
      start: async (options = {}) => {
        const engine = await engines.start(options);
        if (options.name === "proof-chain") await engine.kill();
        return engine;
      },
    };
    await expect(prove(killed)).rejects.toThrow("SIGKILL");

    const none: EngineProvider = { ...engines, start: () => embeddedEngines().start({ rdb: "/nowhere/at-all.rdb" }) };
    await expect(prove(none)).rejects.toThrow("at-all.rdb");
    expect(await readProofs(context.store, chain.base, keyring)).toEqual([]);
  });
});
