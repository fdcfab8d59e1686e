// What every attack begins with: a vault with two backups and their increments, its key ring with the memory of it, the
// vault before the newest backup, and another vault of the same owner. Built once, laid out anew for each attack.
import { randomBytes } from "node:crypto";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { privateFolder } from "../../../base/process/reaper.ts";
import { checkVault } from "../../../vault/catalogue/check-vault.ts";
import { type ChainHead, readBase } from "../../../vault/chain/segments.ts";
import { encodeCommand } from "../../../falkordb/client/encode-command.ts";
import { Keyring } from "../../../vault/keys/keyring.ts";
import { remember } from "../../../vault/restore/verify.ts";
import { pin } from "../../../vault/store/pin.ts";
import { nodeFiles } from "../../../vault/store/file-operations.ts";
import { folderStore } from "../../../vault/store/store-folder.ts";
import type { Store } from "../../../vault/store/store.ts";
import { backupFolder, initVault } from "../../../vault/store/vault.ts";
import { storeTestBackup } from "../../../vault/testing/test-backup.ts";
import { storeTestSegment } from "../../../vault/testing/test-segments.ts";
import { withoutSync } from "../../power-cut/weaker-files.ts";
import type { Place } from "../attack.ts";

/** In every backup and increment of the ground. */
export const canary = "canary-5f1d-the-name-of-the-patient";
const { signal } = new AbortController();
const size = { nodes: 1000, edges: 500 };

/** No power is cut here, and each sync of a disk takes longer than all of the rest. */
const unsynced = withoutSync(nodeFiles);

export interface AttackGround extends AsyncDisposable {
  layOut(): Promise<Place>;
}

export async function attackGround(): Promise<AttackGround> {
  const root = await privateFolder("attacks");
  const [at, was] = [join(root.path, "now"), join(root.path, "ground")];
  const keyring = new Keyring(join(at, "keys"), undefined, unsynced);
  await keyring.generate("signer", "s", "interop");
  for (const name of ["a", "b"]) await keyring.generate("recipient", name, "interop");
  const store = await initVault(join(at, "vault"), unsynced);
  const add = async (to: Store, day: string, increments: number): Promise<{ id: string; head: ChainHead }> => {
    const raw = Buffer.concat([Buffer.from(canary), randomBytes(9000)]);
    const { id } = await storeTestBackup(to, keyring, raw, 5000, "interop", `${day}T12:00:00.000Z`, size);
    let head = await readBase(to, id, keyring);
    for (let number = 1; number <= increments; number++)
      head = await storeTestSegment(to, keyring, head, streamPiece());
    return { id, head };
  };
  const first = await add(store, "2026-11-20", 1);
  const found = { at: "2026-11-20T13:00:00.000Z", ok: true, problems: [], phases: [] };
  await remember({ store, keyring }, first.id, found, signal);
  await pin(store, backupFolder(first.id), "for the auditors", signal);
  await checkVault({ store, keyring });
  await cp(join(at, "vault"), join(at, "earlier"), { recursive: true });
  const second = await add(store, "2026-11-21", 3);
  await remember({ store, keyring }, second.id, { ...found, at: "2026-11-21T13:00:00.000Z" }, signal);
  const { problems } = await checkVault({ store, keyring });
  if (problems.length > 0) throw new Error(`the ground is not sound: ${problems[0]?.message ?? ""}`);
  const foreign = await initVault(join(at, "foreign"), unsynced);
  await add(foreign, "2026-11-22", 1);
  await cp(at, was, { recursive: true });
  const place: Place = {
    folder: at,
    store,
    keyring,
    older: first.id,
    newest: second.id,
    // The moments of the increments are one second apart.
    moment: new Date(Date.parse(second.head.at) - 1000).toISOString(),
    foreign: folderStore(join(at, "foreign"), unsynced),
    earlier: folderStore(join(at, "earlier"), unsynced),
  };
  return {
    layOut: async () => {
      await rm(at, { recursive: true, force: true });
      await mkdir(at, { mode: 0o700 });
      await cp(was, at, { recursive: true });
      return {
        ...place,
        store: folderStore(join(at, "vault"), unsynced),
        keyring: new Keyring(keyring.folder, undefined, unsynced),
      };
    },
    [Symbol.asyncDispose]: () => root[Symbol.asyncDispose](),
  };
}

/** One command, as an increment holds it. */
function streamPiece(): Buffer {
  return encodeCommand(["SET", "note", `${canary} ${randomBytes(200).toString("base64")}`]);
}
