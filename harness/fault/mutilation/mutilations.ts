// What a disk, a storage or a person does to one object of a vault. An object is a path and its bytes.
export type Objects = ReadonlyMap<string, Buffer>;

export interface ObjectChange {
  readonly name: string;
  /** Returns the vault afterwards; undefined where this cannot be done to this object. */
  readonly apply: (vault: Objects, path: string, context: ObjectContext) => Objects | undefined;
}

interface ObjectContext {
  /** Another object of the same kind. */
  readonly twin: string | undefined;
  /** The vault at an earlier time. */
  readonly earlier: Objects;
}

const rewritten =
  (change: (bytes: Buffer) => Buffer): ObjectChange["apply"] =>
  (vault, path) => {
    const bytes = vault.get(path);
    const changed = bytes === undefined ? undefined : change(bytes);
    return changed === undefined || bytes?.equals(changed) === true ? undefined : new Map(vault).set(path, changed);
  };

const flipped = (share: number) =>
  rewritten((bytes) => {
    const copy = Buffer.from(bytes);
    const at = Math.min(copy.length - 1, Math.floor(share * copy.length));
    if (at >= 0) copy[at] = (copy[at] ?? 0) ^ 0x10;
    return copy;
  });

export const objectChanges: readonly ObjectChange[] = [
  { name: "first byte flipped", apply: flipped(0) },
  { name: "bit flipped in the middle", apply: flipped(0.5) },
  { name: "last byte flipped", apply: flipped(1) },
  { name: "last byte cut off", apply: rewritten((bytes) => bytes.subarray(0, -1)) },
  { name: "half cut off", apply: rewritten((bytes) => bytes.subarray(0, bytes.length >> 1)) },
  { name: "emptied", apply: rewritten(() => Buffer.alloc(0)) },
  { name: "bytes appended", apply: rewritten((bytes) => Buffer.concat([bytes, Buffer.from("appended")])) },
  {
    name: "half in zeros",
    apply: rewritten((bytes) =>
      Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length - (bytes.length >> 1))]),
    ),
  },
  { name: "all in zeros", apply: rewritten((bytes) => Buffer.alloc(bytes.length)) },
  { name: "stored twice in one", apply: rewritten((bytes) => Buffer.concat([bytes, bytes])) },
  {
    name: "deleted",
    apply: (vault, path) => {
      const changed = new Map(vault);
      return changed.delete(path) ? changed : undefined;
    },
  },
  {
    name: "renamed",
    apply: (vault, path) => {
      const bytes = vault.get(path);
      const changed = new Map(vault);
      return bytes !== undefined && changed.delete(path) ? changed.set(`${path}.old`, bytes) : undefined;
    },
  },
  {
    name: "swapped with one of its kind",
    apply: (vault, path, { twin }) => {
      const [a, b] = [vault.get(path), twin === undefined ? undefined : vault.get(twin)];
      if (a === undefined || b === undefined || twin === undefined || a.equals(b)) return undefined;
      return new Map(vault).set(path, b).set(twin, a);
    },
  },
  {
    name: "in the place of one of its kind",
    apply: (vault, path, { twin }) => {
      const bytes = vault.get(path);
      if (bytes === undefined || twin === undefined || vault.get(twin)?.equals(bytes) !== false) return undefined;
      return new Map(vault).set(twin, bytes);
    },
  },
  {
    name: "its earlier version",
    apply: (vault, path, { earlier }) => {
      const bytes = earlier.get(path);
      return bytes === undefined || vault.get(path)?.equals(bytes) !== false
        ? undefined
        : new Map(vault).set(path, bytes);
    },
  },
];
