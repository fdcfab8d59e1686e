// Two vaults of 100,000 objects, the second one in a bucket: what a comparison of records sends and receives there, counted on
// the wire. Of the objects in the bucket only those are put there that such a comparison may ask for, as it lists none.
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
const missing = missingStore("radosgw");

it.skipIf(missing !== undefined).for(shapes.slice(1))(
  `$backups backups in a bucket are compared within 64 KiB on the wire and 2 s ${missing ?? ""}`,
  { timeout: 900_000 },
  async (shape, { annotate }) => {
    const { signal } = new AbortController();
    const { endpoint, newBucket, ...at } = await objectStore("radosgw");
    await using folder = await privateFolder("compare-s3");
    const keyring = new Keyring(join(folder.path, "keys"));
    await keyring.generate("signer", "bench", "interop");
    const vaults = await makeVaults(folder.path, keyring, shape);
    const { hostname: host, port } = new URL(endpoint);
    await using network = await faultyProxy({ host, port: Number(port) });
    const place = { ...at, bucket: await newBucket(), prefix: "vault" };
    const direct = s3Store(openBucket({ ...place, endpoint }));
    const to = s3Store(openBucket({ ...place, endpoint: `http://127.0.0.1:${network.port}` }));
    const id = vaults.ids[Math.floor(shape.backups * 0.4)] ?? "";
    const increment = Math.ceil(shape.increments / 2);
    const upload = async (): Promise<void> => {
      for (const of of ["vault.json", "catalogue", ...[id, vaults.ids.at(-1)].map((one) => `segments/${one}`)])
        await copyInto(direct, join(folder.path, "second"), of);
    };
    const compare = async (expected: string | undefined): Promise<void> => {
      const before = bytesOn(network.traffic());
      const asked = await compareOnce({ from: vaults.from, to }, keyring, { depth: "records", expected, signal });
      const bytes = bytesOn(network.traffic()) - before;
      await annotate(`${bytes} bytes on the wire, ${Math.round(asked.ms)} ms, ${asked.requests} requests`);
      expect(bytes).toBeLessThanOrEqual(trafficBytesMax);
      expect(asked.ms).toBeLessThanOrEqual(timeMsMax);
    };
    await upload();
    await compare(undefined);
    await vaults.fork(id, increment);
    await upload();
    await compare(manifestPath(id, increment));
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
