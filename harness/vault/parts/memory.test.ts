// A backup needs the same memory at every size: a snapshot thirty times larger than the blocks passes through.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Keyring } from "../keys/keyring.ts";
import { storeTestBackup } from "../testing/test-backup.ts";
import { initVault } from "../store/vault.ts";

const boundBytes = 160 * 2 ** 20;

it("a backup's memory is bounded by its blocks, not by the snapshot", async () => {
  const root = await mkdtemp(join(tmpdir(), "falkordrill-memory-"));
  try {
    const keyring = new Keyring(join(root, "keys"));
    await keyring.generate("signer", "s", "interop");
    await keyring.generate("recipient", "r", "interop");
    const store = await initVault(join(root, "vault"));
    const raw = Buffer.alloc(256 * 2 ** 20, "0123456789abcdef, as hex as the most of a graph is ");
    const beforeBytes = process.memoryUsage.rss();
    let peakBytes = 0;
    const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 20);
    const manifest = await storeTestBackup(store, keyring, raw, 8 * 2 ** 20);
    clearInterval(watch);
    expect(manifest.rawBytes).toBe(raw.length);
    expect(peakBytes - beforeBytes).toBeLessThan(boundBytes);
  } finally {
    await rm(root, { recursive: true });
  }
}, 60_000);
