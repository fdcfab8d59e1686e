// All peers, and which of them this machine can run.
import { countPeers } from "./count-peers.ts";
import { filePeers } from "./file-peers.ts";
import type { PeerCheck } from "./peer.ts";

const allPeers: readonly PeerCheck[] = [...countPeers, ...filePeers];

export interface ReadyPeers {
  readonly ready: readonly PeerCheck[];
  readonly notRun: readonly (Pick<PeerCheck, "name" | "looks"> & { readonly why: string })[];
}

export const noPeers: ReadyPeers = { ready: [], notRun: [] };

export async function readyPeers(): Promise<ReadyPeers> {
  const ready: PeerCheck[] = [];
  const notRun: ReadyPeers["notRun"][number][] = [];
  for (const peer of allPeers) {
    const why = await peer.unavailable?.();
    if (why === undefined) ready.push(peer);
    else notRun.push({ name: peer.name, looks: peer.looks, why });
  }
  return { ready, notRun };
}
