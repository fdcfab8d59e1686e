import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Keyring } from "../keys/keyring.ts";
import { ensureKeys } from "../../system/reference/reference.ts";
import { listSegments, readSegment } from "../chain/segments.ts";
import { storeTestChain } from "../testing/test-vault.ts";
import { initVault } from "../store/vault.ts";
import { momentAsked } from "./asked-moment.ts";

const root = await mkdtemp(join(tmpdir(), "falkordrill-moment-"));
afterAll(() => rm(root, { recursive: true }));
const store = await initVault(join(root, "vault"));
const keyring = new Keyring(join(root, "keys"));
await ensureKeys(keyring, "interop");
const context = { store, keyring };
const older = await storeTestChain(store, keyring, "2026-10-22T03:00:00.000Z", { increments: 3 });
const newer = await storeTestChain(store, keyring, "2026-11-23T03:00:00.000Z");
const unknown = "20261124T030000Z-00000000";

describe("the requested moment", () => {
  it.each([
    ["nothing: the newest backup", undefined, undefined, { point: newer, at: undefined }],
    ["latest: the end of the newest chain", undefined, "latest", { point: newer, at: "latest" }],
    ["a backup", older, undefined, { point: older, at: undefined }],
    ["a backup by --at: that backup itself", undefined, older, { point: older, at: undefined }],
    ["the same twice", older, older, { point: older, at: undefined }],
    ["the end of the chain of one backup", older, "latest", { point: older, at: "latest" }],
    [
      "a time: on the newest backup before it",
      undefined,
      "2026-11-01T12:00:00Z",
      { point: older, at: { time: "2026-11-01T12:00:00.000Z" } },
    ],
    ["an offset", older, "1234", { point: older, at: { offset: 1234 } }],
  ])("is %s", async (_, id, text, asked) => {
    expect(await momentAsked(context, id, text)).toEqual(asked);
  });

  it("is the end of an increment, as a prune names it", async () => {
    const { to } = (await readSegment(store, older, 2, keyring)).manifest;
    expect(await momentAsked(context, undefined, `${older}/00000002`)).toEqual({ point: older, at: { offset: to } });
    expect(await listSegments(store, older)).toEqual([1, 2, 3]);
  });

  it("is not the newest backup by itself where its source was empty or had shrunk", async () => {
    const shrunk = { keyring, store: await initVault(join(root, "shrunk")) };
    const wiped = await storeTestChain(shrunk.store, keyring, "2026-11-21T03:00:00.000Z", { nodes: 0 });
    await expect(momentAsked(shrunk, undefined, undefined)).rejects.toMatchObject({ exit: "usage" });
    // An archive that began with an empty server.
    expect(await momentAsked(shrunk, undefined, "latest")).toEqual({ point: wiped, at: "latest" });
    const full = await storeTestChain(shrunk.store, keyring, "2026-11-22T03:00:00.000Z", { nodes: 12_000 });
    expect(await momentAsked(shrunk, "latest", undefined)).toEqual({ point: full, at: undefined });
    const small = await storeTestChain(shrunk.store, keyring, "2026-11-23T03:00:00.000Z", { nodes: 12 });
    for (const [id, text] of [
      [undefined, undefined],
      ["latest", undefined],
      [undefined, "latest"],
    ] as const)
      await expect(momentAsked(shrunk, id, text)).rejects.toMatchObject({
        exit: "usage",
        message: expect.stringMatching(`${small} .*: 12,000 nodes in ${full}, now 12`) as string,
        hint: expect.stringContaining(`name it: ${small}`) as string,
      });
    expect(await momentAsked(shrunk, small, undefined)).toEqual({ point: small, at: undefined });
  });

  it.each([
    ["an unknown backup", undefined, unknown, `has no backup ${unknown}`, `The newest are ${newer}, ${older}`],
    ["two backups", newer, older, `the backup ${newer} and --at ${older} name two backups`, "Leave one of them out"],
    ["an unknown increment", undefined, `${older}/7`, `${older} has no increment 7`, "It has 1 to 3."],
    ["an increment of a backup without", undefined, `${newer}/1`, `${newer} has no increment 1`, "It has none."],
    ["an invalid moment", undefined, "yesterday", "--at yesterday is not a valid moment", "the id of a backup"],
    ["a time before all", undefined, "2026-01-01T00:00:00Z", "holds no backup from before", `The oldest is ${older}`],
  ])("is refused where it is %s", async (_, id, text, message, hint) => {
    await expect(momentAsked(context, id, text)).rejects.toMatchObject({
      exit: "usage",
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });
});
