// Peers around the system of one drill: they look when it backs up and restores, and change nothing. A peer that cannot
// look at what came back says so, as a team's script would end with an error.
import { errorMessage } from "../../base/errors.ts";
import type { EngineProvider } from "../../engine/engine.ts";
import type { BackupSystem, Mutate } from "../../system/system.ts";
import type { Alarm, PeerCheck, PeerSaid, PeerWatch } from "./peer.ts";

interface Watching {
  readonly peer: PeerCheck;
  readonly watch: PeerWatch;
}

export class PeersWatch implements AsyncDisposable {
  readonly #peers: readonly PeerCheck[];
  readonly #byPoint = new Map<string, readonly Watching[]>();
  readonly #said = new Map<string, { looked: boolean; alarms: string[] }>();
  readonly #resources = new AsyncDisposableStack();

  constructor(peers: readonly PeerCheck[]) {
    this.#peers = peers;
  }

  said(peer: string): PeerSaid | undefined {
    return this.#said.get(peer);
  }

  /** The system with the peers around it; itself without any. */
  around(system: BackupSystem, { vault }: Parameters<Mutate>[1]): BackupSystem {
    if (this.#peers.length === 0) return system;
    return {
      ...system,
      backup: async (request) => {
        const begun = await this.#begin(request.source);
        const outcome = await system.backup(request);
        this.#byPoint.set(outcome.point.id, await this.#stored(begun, vault));
        return outcome;
      },
      restore: async (request) => {
        const watching = this.#byPoint.get(request.point) ?? [];
        await this.#look(watching, ({ stillStored }) => stillStored && (() => stillStored(vault)));
        const outcome = await system.restore({ ...request, engines: this.#engines(request.engines, watching) });
        await this.#look(watching, ({ restored }) => restored && (() => restored(outcome.target)));
        return outcome;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  /** A peer that cannot look at the source, or at what was stored, says nothing about this backup. */
  async #begin(source: Parameters<PeerCheck["begin"]>[0]): Promise<readonly Watching[]> {
    const begun: Watching[] = [];
    for (const peer of this.#peers) {
      const watch = await peer.begin(source).catch(() => undefined);
      if (watch === undefined) continue;
      this.#resources.defer(async () => await watch.end?.());
      begun.push({ peer, watch });
    }
    return begun;
  }

  async #stored(begun: readonly Watching[], vault: string): Promise<readonly Watching[]> {
    const stored: Watching[] = [];
    for (const watching of begun) {
      const isReady = await (watching.watch.stored?.(vault) ?? Promise.resolve()).then(
        () => true,
        () => false,
      );
      if (isReady) stored.push(watching);
    }
    return stored;
  }

  async #look(
    watching: readonly Watching[],
    lookOf: (watch: PeerWatch) => (() => Promise<Alarm>) | undefined,
  ): Promise<void> {
    for (const { peer, watch } of watching) {
      const look = lookOf(watch);
      if (look === undefined) continue;
      const alarm = await look().catch((error: unknown) => `it cannot look: ${errorMessage(error)}`);
      const said = this.#said.get(peer.name) ?? { looked: false, alarms: [] };
      said.looked = true;
      if (alarm !== undefined) said.alarms.push(alarm);
      this.#said.set(peer.name, said);
    }
  }

  /** A container reads no pipe: called one, the engine is started from a file, which a peer can read as well. */
  #engines(engines: EngineProvider, watching: readonly Watching[]): EngineProvider {
    return {
      kind: engines.kind === "embedded" ? "container" : engines.kind,
      unavailable: () => engines.unavailable(),
      start: async (options) => {
        const { rdb } = options ?? {};
        if (rdb !== undefined) await this.#look(watching, ({ dump }) => dump && (() => dump(rdb)));
        return await engines.start(options);
      },
    };
  }
}
