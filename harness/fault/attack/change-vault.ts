// Changes of a vault behind its back, by object.
import type { Store } from "../../vault/store/store.ts";

export async function removeAll(store: Store, ...prefixes: readonly string[]): Promise<void> {
  for (const prefix of prefixes) for (const { path } of await store.list(prefix)) await store.delete(path);
}

/** Copies every object under a prefix, within a store or from another, to the same or another place. */
export async function copyAll(from: Store, prefix: string, to: Store, target: string = prefix): Promise<void> {
  for (const { path } of await from.list(prefix)) {
    const bytes = await from.get(path);
    if (bytes !== undefined) await to.put(`${target}${path.slice(prefix.length)}`, bytes);
  }
}

/** Puts everything back to an earlier state. */
export async function putBack(store: Store, earlier: Store): Promise<void> {
  await removeAll(store, "");
  await copyAll(earlier, "", store);
}

export async function swap(store: Store, one: string, other: string): Promise<void> {
  const [a, b] = [await store.get(one), await store.get(other)];
  if (a === undefined || b === undefined) throw new Error(`${one} and ${other} are not both there`);
  await store.put(one, b);
  await store.put(other, a);
}

export async function rewrite(store: Store, path: string, change: (bytes: Buffer) => Buffer | string): Promise<void> {
  const bytes = await store.get(path);
  if (bytes === undefined) throw new Error(`${path} is not there`);
  await store.put(path, Buffer.from(change(bytes)));
}

export function flip(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 0x10;
  return copy;
}

/** JSON that is nested deeper than any reader needs. */
export function deepJson(depth: number = 200_000): Buffer {
  return Buffer.from("[".repeat(depth) + "]".repeat(depth));
}

export function segment(id: string, number: number, name = "manifest.json"): string {
  return `segments/${id}/${String(number).padStart(8, "0")}/${name}`;
}
