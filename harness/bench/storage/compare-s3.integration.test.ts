// Two vaults of 100,000 objects, the second one in a bucket 100 ms away: what a comparison of records sends and receives there,
// counted on the wire, and how long it takes. Of the objects only those are made that it may ask for, as it lists none.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { missingStore, objectStore } from "../../../fixtures/object-stores/object-stores.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { faultyProxy } from "../../fault/network/faulty-proxy.ts";
import { manifestPath } from "../../vault/catalogue/holdings.ts";
import { Keyring } from "../../vault/keys/keyring.ts";
import { inParallel } from "../../vault/parts/in-parallel.ts";
import { isPart } from "../../vault/store/layout.ts";
import type { Store } from "../../vault/store/store.ts";
import { openBucket } from "../../vault/store/s3/s3-bucket.ts";
import { s3Store } from "../../vault/store/s3/s3-store.ts";
import { compareOnce, shapes } from "./compare-benchmark.ts";
import { makeVaults } from "./synthetic-vault.ts";

const trafficBytesMax = 64 * 1024;
const timeMsMax = 2000;
const runs = 3;
const missing = missingStore("radosgw");

it.skipIf(missing !== undefined).for(shapes)(
  `$backups backups in a bucket are compared 100 ms away within 64 KiB and 2 s ${missing ?? ""}`,
  { timeout: 300_000 },
  async (shape, { annotate }) => {
    const { signal } = new AbortController();
    const { endpoint, newBucket, ...at } = await objectStore("radosgw");
    await using folder = await privateFolder("compare-s3");
    const keyring = new Keyring(join(folder.path, "keys"));
    await keyring.generate("signer", "bench", "interop");
    const vaults = await makeVaults(folder.path, keyring, shape, "read");
    const { hostname: host, port } = new URL(endpoint);
    await using network = await faultyProxy({ host, port: Number(port) }, [], { delayMs: 100, loss: 0, seed: 1 });
    const place = { ...at, bucket: await newBucket(), prefix: "vault" };
    const direct = s3Store(openBucket({ ...place, endpoint }));
    const to = s3Store(openBucket({ ...place, endpoint: `http://127.0.0.1:${network.port}` }));
    const increment = Math.ceil(shape.increments / 2);
    const upload = async (...folders: readonly string[]): Promise<void> => {
      for (const of of folders) await copyInto(direct, join(folder.path, "second"), of);
    };
    const compare = async (expected: string | undefined): Promise<void> => {
      const found: { readonly bytes: number; readonly ms: number }[] = [];
      for (let run = 1; run <= runs; run += 1) {
        const before = bytesOn(network.traffic());
        const { ms } = await compareOnce({ from: vaults.from, to }, keyring, { depth: "records", expected, signal });
        found.push({ bytes: bytesOn(network.traffic()) - before, ms: Math.round(ms) });
      }
      await annotate(found.map(({ bytes, ms }) => `${bytes} bytes on the wire, ${ms} ms`).join("; "));
      expect(Math.max(...found.map(({ bytes }) => bytes))).toBeLessThanOrEqual(trafficBytesMax);
      // What else the machine does comes on top, and not each time.
      expect(Math.min(...found.map(({ ms }) => ms))).toBeLessThanOrEqual(timeMsMax);
    };
    const { middle, newest } = vaults;
    await upload("vault.json", "catalogue", `segments/${middle}`, `segments/${newest}`);
    await compare(undefined);
    await vaults.fork(increment);
    await upload("catalogue", `segments/${middle}`);
    await compare(manifestPath(middle, increment));
  },
);

function bytesOn(traffic: readonly { readonly request: number; readonly answer: number }[]): number {
  return traffic.reduce((sum, { request, answer }) => sum + request + answer, 0);
}

async function copyInto(store: Store, folder: string, path: string): Promise<void> {
  const files = path.endsWith(".json")
    ? [path]
    : readdirSync(join(folder, path), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !isPart(`/${entry.name}`))
        .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  await inParallel(16, files, async (file) => await store.put(file, readFileSync(join(folder, file))));
}
