// What a monitor says of a second vault, which has all, lags, or was changed.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { Keyring } from "../vault/keys/keyring.ts";
import { backupFolder, initVault, openVault } from "../vault/store/vault.ts";
import { storeTestChain } from "../vault/testing/test-vault.ts";
import { scrape, type Scraped, vaultIn } from "./testing/scrape.ts";

vi.setConfig({ testTimeout: 30_000 });
const root = await mkdtemp(join(tmpdir(), "falkordrill-monitor-replica-"));
afterAll(() => rm(root, { recursive: true }));
const keyring = new Keyring(join(root, "keys"));
await keyring.generate("signer", "s", "interop");
await keyring.generate("recipient", "r", "interop");
const [here, there] = [join(root, "here"), join(root, "there")];
const store = await initVault(here);
await storeTestChain(store, keyring, "2026-11-21T03:00:00.000Z", { nodes: 500 });
// What a replication leaves: the same objects, the catalogue with them.
await cp(here, there, { recursive: true });

const labels = 'vault="far",region="us",replica_of="near"';
const divergences = (kind: string): string => `falkordrill_replica_divergences{${labels},kind="${kind}"}`;
const lag = `falkordrill_replica_lag_seconds{${labels}}`;
const look = (): Promise<Scraped> =>
  scrape({
    vaults: [
      vaultIn(here, keyring),
      vaultIn(there, keyring, { name: "far", region: "us", replicaOf: "near", open: () => openVault(there) }),
    ],
  });

it("says that a replica has all, and how far it is behind", async () => {
  const whole = await look();
  expect([whole.value(lag), whole.value(divergences("behind")), whole.log]).toEqual([0, 0, []]);
  expect(whole.value(`falkordrill_vault_up{vault="far",region="us"}`)).toBe(1);
  const added = await storeTestChain(store, keyring, "2026-11-21T04:30:00.000Z", { nodes: 500 });
  const behind = await look();
  expect([behind.value(lag), behind.value(divergences("behind"))]).toEqual([5400, 1]);
  await rm(join(here, backupFolder(added)), { recursive: true });
  expect((await look()).value(lag)).toBe(0);
});

it("says that a replica cannot be compared, and of its lag nothing", async () => {
  await rm(there, { recursive: true });
  const gone = await look();
  expect([gone.value(`falkordrill_replica_up{${labels}}`), gone.value(lag)]).toEqual([0, undefined]);
  expect(gone.value(divergences("behind"))).toBeUndefined();
});
