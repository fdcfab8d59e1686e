import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import type { Clock } from "../../base/clock.ts";
import { ChainWriter, type ChainWriterOptions } from "./chain-writer.ts";
import { Keyring } from "../keys/keyring.ts";
import { type ChainHead, readBase, readChain, readSegmentBytes, type SegmentContext } from "./segments.ts";
import { findMoment } from "./find-moment.ts";
import type { SegmentManifest } from "./segment-manifest.ts";
import { type Store, StoreError } from "../store/store.ts";
import { storeTestBackup, testWorkers } from "../testing/test-backup.ts";
import { initVault, readManifest } from "../store/vault.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-chain-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const signal = new AbortController().signal;

let vaults = 0;
let store: Store;
let head: ChainHead;
let wallMs: number;
let jumpMs = 0;
const clock: Clock = { nowMs: () => wallMs + jumpMs, monotonicMs: () => wallMs };

beforeEach(async () => {
  store = await initVault(join(root, `vault-${vaults++}`));
  head = await readBase(store, (await storeTestBackup(store, keyring, randomBytes(100), 100_000)).id, keyring);
  wallMs = Date.parse(head.at);
  jumpMs = 0;
});

async function writer(
  options: Partial<ChainWriterOptions> & { readonly into?: Store; readonly mustHold?: () => Promise<void> } = {},
): Promise<ChainWriter> {
  const segments: SegmentContext = {
    store: options.into ?? store,
    workers: testWorkers(),
    profile: "interop",
    recipients: await keyring.recipients("interop"),
    signer: await keyring.signer(),
    signal,
    mustHold: options.mustHold ?? (() => Promise.resolve()),
  };
  return new ChainWriter({
    segments,
    base: head.base,
    number: 0,
    start: { replid: head.replid, offset: head.offset, atMs: Date.parse(head.at) },
    head: Promise.resolve(head),
    segmentBytes: 1000,
    segmentAgeMs: 10_000,
    bufferBytes: 2 ** 20,
    clock,
    ...options,
  });
}

function command(...words: readonly string[]): Buffer {
  return Buffer.from(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`);
}

async function stored(): Promise<{ readonly manifests: SegmentManifest[]; readonly bytes: Buffer }> {
  const keys = await keyring.openers((await keyring.recipients("interop")).map(({ fingerprint }) => fingerprint));
  const manifests: SegmentManifest[] = [];
  const bytes: Buffer[] = [];
  for await (const { manifest } of readChain(store, head.base, keyring)) {
    manifests.push(manifest);
    for await (const piece of readSegmentBytes(store, manifest, keys, signal)) bytes.push(Buffer.from(piece));
  }
  return { manifests, bytes: Buffer.concat(bytes) };
}

it("cuts the stream by size, at commands, and loses no byte wherever the network cuts", async () => {
  const chain = await writer();
  const commands = Array.from({ length: 60 }, (_, index) => command("SET", `key-${index}`, "x".repeat(index * 3)));
  const stream = Buffer.concat(commands);
  for (let at = 0; at < stream.length; at += 77) await chain.push(Buffer.from(stream.subarray(at, at + 77)));
  const end = await chain.seal("shutdown");
  const { manifests, bytes } = await stored();
  expect(bytes.equals(stream)).toBe(true);
  expect(end.offset).toBe(head.offset + stream.length);
  expect(manifests.map(({ sealed }) => sealed)).toEqual([...manifests.slice(1).map(() => "size"), "shutdown"]);
  expect(manifests.length).toBeGreaterThan(4);
  const ends = new Set(commands.map((_, index) => head.offset + Buffer.concat(commands.slice(0, index + 1)).length));
  expect(manifests.filter(({ to }) => !ends.has(to))).toEqual([]);
  expect(manifests.reduce((sum, { commands: counts }) => sum + (counts["SET"] ?? 0), 0)).toBe(commands.length);
});

it("never ends a segment inside a transaction", async () => {
  const chain = await writer({ segmentBytes: 10 });
  const first = Buffer.concat([command("SET", "a", "1"), command("MULTI"), command("SET", "b", "1")]);
  await chain.push(first);
  expect((await chain.seal("request")).offset).toBe(head.offset + command("SET", "a", "1").length);
  await chain.push(Buffer.concat([command("SET", "c", "1"), command("EXEC")]));
  await chain.seal("request");
  const { manifests } = await stored();
  expect(manifests.map(({ commands }) => commands)).toEqual([{ SET: 1 }, { EXEC: 1, MULTI: 1, SET: 2 }]);
});

it("seals by age from the first change on, and an idle stream rarely", async () => {
  const chain = await writer();
  await chain.push(command("PING"));
  wallMs += 20_000;
  await chain.sealWhenDue();
  expect((await stored()).manifests).toEqual([]);
  await chain.push(command("SET", "a", "1"));
  wallMs += 9999;
  await chain.sealWhenDue();
  expect((await stored()).manifests).toEqual([]);
  wallMs += 1;
  await chain.sealWhenDue();
  await chain.push(command("PING"));
  wallMs += 600_000;
  await chain.sealWhenDue();
  await chain.seal("request");
  const { manifests } = await stored();
  expect(manifests.map(({ sealed, commands }) => [sealed, commands])).toEqual([
    ["age", { PING: 1, SET: 1 }],
    ["age", { PING: 1 }],
  ]);
});

it("records up to when everything that the source had acknowledged has arrived, however late it came", async () => {
  const chain = await writer();
  const startMs = wallMs;
  const bytes = command("SET", "a", "1");
  const one = head.offset + bytes.length;
  await chain.askHowComplete(async () => one);
  wallMs += 3000;
  await chain.askHowComplete(async () => one + bytes.length);
  wallMs += 10;
  await chain.push(bytes);
  await chain.seal("request");
  wallMs += 10;
  await chain.push(bytes);
  await chain.seal("request");
  const { manifests } = await stored();
  expect(manifests.map(({ complete }) => complete)).toEqual([[[one, startMs]], [[one + bytes.length, startMs + 3000]]]);
  const base = await readManifest(store, head.base, keyring);
  const moment = { time: new Date(startMs + 3020).toISOString() };
  const plan = await findMoment({ store, keyring, signal }, base, moment);
  expect(plan.completeAt).toBe(new Date(startMs + 3000).toISOString());
});

it("maps offsets to times, a tenth of a second exactly", async () => {
  const chain = await writer();
  const startMs = wallMs;
  for (const ms of [0, 40, 99, 100, 170, 5000]) {
    wallMs = startMs + ms;
    await chain.push(command("SET", "a", "1"));
  }
  jumpMs = -3600_000;
  await chain.push(command("SET", "a", "1"));
  await chain.seal("request");
  const bytes = command("SET", "a", "1").length;
  const [manifest] = (await stored()).manifests;
  expect(manifest?.times).toEqual([
    [head.offset + bytes * 3, startMs + 99],
    [head.offset + bytes * 5, startMs + 170],
    [head.offset + bytes * 7, startMs + 5000],
  ]);
});

it("writes what may not replay exactly into the manifest", async () => {
  const hazard = { offset: 7, kind: "query-text", graph: "g", message: "text" } as const;
  const chain = await writer({ inspect: ({ name }) => (name === "GRAPH.QUERY" ? hazard : undefined) });
  await chain.push(Buffer.concat([command("SET", "a", "1"), command("GRAPH.QUERY", "g", "CREATE (:A)")]));
  await chain.seal("request");
  expect((await stored()).manifests[0]?.hazards).toEqual([hazard]);
});

it("seals a segment of nothing only when asked to", async () => {
  const chain = await writer();
  await chain.seal("request");
  expect((await stored()).manifests).toEqual([]);
  wallMs += 5000;
  await chain.seal("request", { evenIfEmpty: true });
  expect((await stored()).manifests).toMatchObject([{ from: head.offset, to: head.offset, times: [], parts: [] }]);
});

it("seals nothing before its base is complete, and then all of it", async () => {
  const base = Promise.withResolvers<ChainHead>();
  const chain = await writer({ head: base.promise });
  const stream = Buffer.concat(Array.from({ length: 200 }, () => command("SET", "a", "x".repeat(50))));
  await chain.push(stream);
  expect(chain.sealed).toBeUndefined();
  base.resolve(head);
  await chain.seal("request");
  expect((await stored()).bytes.equals(stream)).toBe(true);
});

it("fails with the vault, and what was sealed stays", async () => {
  let isFull = false;
  const full = new StoreError("full", "the vault is full", "Free space.");
  const into = {
    ...store,
    put: (path: string, bytes: Uint8Array) => (isFull ? Promise.reject(full) : store.put(path, bytes)),
    putIfAbsent: (path: string, bytes: Uint8Array) => (isFull ? Promise.reject(full) : store.putIfAbsent(path, bytes)),
  };
  const chain = await writer({ into });
  await chain.push(command("SET", "a", "1"));
  await chain.seal("request");
  isFull = true;
  await chain.push(command("SET", "b", "1"));
  await expect(chain.seal("request")).rejects.toThrow("the vault is full");
  await expect(chain.push(command("SET", "c", "1"))).rejects.toThrow("the vault is full");
  await chain.abandon(full);
  expect((await stored()).manifests).toHaveLength(1);
  expect((await store.list(`segments/${head.base}/00000002/`)).length).toBe(0);
});

it("adds nothing to a segment of an archiver that has taken over, and removes nothing of it", async () => {
  let isLost = false;
  const chain = await writer({
    mustHold: () => (isLost ? Promise.reject(new Error("the lock was lost")) : Promise.resolve()),
  });
  await chain.push(command("SET", "a", "1"));
  isLost = true;
  const other = Buffer.from("of the other archiver");
  const path = `segments/${head.base}/00000001/part-00000.zst.pgp`;
  await store.put(path, other);
  await expect(chain.seal("request")).rejects.toThrow(`${path} is in`);
  expect(await store.get(path)).toEqual(other);
});
