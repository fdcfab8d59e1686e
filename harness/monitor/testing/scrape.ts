// A monitor of one vault in a folder, and its samples by their series. For tests.
import type { Keyring } from "../../vault/keys/keyring.ts";
import { openVault } from "../../vault/store/vault.ts";
import { Monitor, type MonitoredVault, type MonitorOptions } from "../monitor.ts";

export interface Scraped {
  readonly text: string;
  readonly log: readonly string[];
  /** Undefined where there is no such series. */
  readonly value: (series: string) => number | undefined;
}

export function vaultIn(folder: string, keyring: Keyring, more: Partial<MonitoredVault> = {}): MonitoredVault {
  return { name: "near", region: "eu", open: () => openVault(folder), keys: keyring.folder, ...more };
}

/** What a monitor says that was just started. */
export async function scrape(options: Partial<MonitorOptions>): Promise<Scraped> {
  const log: string[] = [];
  await using monitor = new Monitor({
    vaults: [],
    runs: [],
    disks: {},
    objectives: {},
    everyMs: 3_600_000,
    graphsMax: 200,
    log: (line) => log.push(line),
    ...options,
  });
  return scraped(await monitor.metrics(60_000), log);
}

export function scraped(text: string, log: readonly string[] = []): Scraped {
  const values = new Map(
    text.split("\n").flatMap((line): [string, number][] => {
      const at = line.lastIndexOf(" ");
      return line.startsWith("#") || at < 0 ? [] : [[line.slice(0, at), numberOf(line.slice(at + 1))]];
    }),
  );
  return { text, log, value: (series) => values.get(series) };
}

function numberOf(text: string): number {
  return text === "+Inf" ? Number.POSITIVE_INFINITY : Number(text);
}

/** Without what differs from look to look: when it was, and how long it took. */
export function withoutLooks(text: string): string {
  return text
    .split("\n")
    .filter((line) => !line.startsWith("falkordrill_vault_look_"))
    .join("\n");
}
