// Ways in which the chain of a vault can be corrupt, applied to a real one: by hand, by a broken copy, by a buggy
// system. Each names the error that a restore has to answer.
import type { Keyring } from "../../../vault/keys/keyring.ts";
import { segmentPath } from "../../../vault/chain/segments.ts";
import type { Store } from "../../../vault/store/store.ts";
import { writeSigned } from "../../../vault/store/signed.ts";

interface ChainVault {
  readonly store: Store;
  readonly keyring: Keyring;
  /** The backup whose chain is damaged; it has at least three segments. */
  readonly base: string;
  /** Another backup of the same vault, with a chain of its own of at least two segments. */
  readonly other: string;
  /** A segment of a vault with other keys, as returned by `read`. */
  readonly stranger: Folder;
}

/** File contents by file name. */
type Folder = ReadonlyMap<string, Buffer>;

export interface Mutilation {
  readonly name: string;
  /** Code of the error that a restore to the end of the chain must fail with. */
  readonly code: string;
  readonly inflict: (vault: ChainVault) => Promise<void>;
}

export const mutilations: readonly Mutilation[] = [
  {
    name: "missing",
    code: "chain-missing",
    inflict: ({ store, base }) => write(store, segmentPath(base, 2, ""), new Map()),
  },
  {
    name: "reordered",
    code: "chain-reordered",
    inflict: async ({ store, base }) => {
      const [second, third] = [await readSegmentFolder(store, base, 2), await readSegmentFolder(store, base, 3)];
      await write(store, segmentPath(base, 2, ""), third);
      await write(store, segmentPath(base, 3, ""), second);
    },
  },
  {
    name: "foreign",
    code: "chain-foreign",
    inflict: async ({ store, base, other }) =>
      write(store, segmentPath(base, 2, ""), await readSegmentFolder(store, other, 2)),
  },
  {
    name: "foreign vault",
    code: "not-signed",
    inflict: ({ store, base, stranger }) => write(store, segmentPath(base, 2, ""), stranger),
  },
  {
    name: "duplicated",
    code: "chain-duplicated",
    inflict: async ({ store, base }) => write(store, segmentPath(base, 2, ""), await readSegmentFolder(store, base, 1)),
  },
  {
    name: "truncated",
    code: "part-damaged",
    inflict: async ({ store, base }) => {
      const path = segmentPath(base, 2, "part-00000.zst.pgp");
      const whole = (await store.get(path)) ?? Buffer.alloc(0);
      await store.put(path, whole.subarray(0, whole.length - 1));
    },
  },
  {
    name: "swapped manifests",
    code: "chain-manifest-swapped",
    inflict: async ({ store, base }) => {
      const [second, third] = [await readSegmentFolder(store, base, 2), await readSegmentFolder(store, base, 3)];
      await write(store, segmentPath(base, 2, ""), new Map([...second, ...manifestOf(third)]));
      await write(store, segmentPath(base, 3, ""), new Map([...third, ...manifestOf(second)]));
    },
  },
  {
    // Correctly signed, so only the link itself reveals it: what a system does that links to the wrong base.
    name: "linked to an older base",
    code: "chain-link",
    inflict: async ({ store, keyring, base, other }) => {
      const path = segmentPath(base, 1, "manifest.json");
      const manifest = JSON.parse(String(await store.get(path))) as object;
      const { previous } = JSON.parse(String(await store.get(segmentPath(other, 1, "manifest.json")))) as {
        previous: string;
      };
      const bytes = Buffer.from(JSON.stringify({ ...manifest, previous }));
      await writeSigned(store, path, bytes, await keyring.signer());
    },
  },
  {
    name: "two bases",
    code: "backup-mislabelled",
    inflict: async ({ store, base, other }) =>
      write(store, `backups/${base}/`, await readFolder(store, `backups/${other}/`)),
  },
];

export function readSegmentFolder(store: Store, base: string, number: number): Promise<Folder> {
  return readFolder(store, segmentPath(base, number, ""));
}

async function readFolder(store: Store, prefix: string): Promise<Folder> {
  const objects = await store.list(prefix);
  const read = objects.map(
    async ({ path }) => [path.slice(prefix.length), (await store.get(path)) ?? Buffer.alloc(0)] as const,
  );
  return new Map(await Promise.all(read));
}

/** Replaces the whole content of the folder. */
async function write(store: Store, prefix: string, files: Folder): Promise<void> {
  for (const { path } of await store.list(prefix)) await store.delete(path);
  for (const [name, bytes] of files) await store.put(`${prefix}${name}`, bytes);
}

function manifestOf(folder: Folder): Folder {
  return new Map([...folder].filter(([name]) => name.startsWith("manifest.")));
}
