// Restores a chain the plain way: its base by a restore, then every byte of its segments sent by an ordinary client.
// For tests; it shares nothing with the restore to a moment but the format.
import net from "node:net";
import { once } from "node:events";
import type { Endpoint } from "../../base/endpoint.ts";
import { silentProgress } from "../../base/progress.ts";
import { waitFor } from "../../base/wait.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Keyring } from "../keys/keyring.ts";
import { restoreBackup } from "../restore/restore.ts";
import { readChain, readSegmentBytes } from "../chain/segments.ts";
import type { SegmentManifest } from "../chain/segment-manifest.ts";
import type { Store } from "../store/store.ts";

const signal = new AbortController().signal;

/** The caller disposes of the engine. */
export async function replayChain(
  store: Store,
  keyring: Keyring,
  base: string,
): Promise<{ readonly engine: Engine; readonly segments: SegmentManifest[]; readonly errors: readonly string[] }> {
  const request = { point: base, way: "file", engines: embeddedEngines(), progress: silentProgress, signal } as const;
  const { target: engine } = await restoreBackup({ store, keyring }, request);
  const segments: SegmentManifest[] = [];
  const socket = await open(engine.endpoint);
  let answers = "";
  socket.on("data", (data: Buffer) => (answers += data.toString("latin1")));
  for await (const { manifest } of readChain(store, base, keyring)) {
    segments.push(manifest);
    const keys = await keyring.openers(manifest.encryption.recipients.map(({ fingerprint }) => fingerprint));
    for await (const piece of readSegmentBytes(store, manifest, keys, signal)) await send(socket, Buffer.from(piece));
  }
  await send(socket, Buffer.from("\r\nECHO replayed-all\r\n"));
  const isDone = (): true | undefined => (answers.includes("replayed-all") ? true : undefined);
  await waitFor(isDone, { what: "the engine to apply the stream", timeoutMs: 60_000 });
  socket.destroy();
  return { engine, segments, errors: answers.split("\r\n").filter((line) => line.startsWith("-")) };
}

async function open(endpoint: Endpoint): Promise<net.Socket> {
  const socket = net.connect(endpoint.port, endpoint.host);
  await once(socket, "connect");
  if (endpoint.password !== undefined) socket.write(`AUTH ${endpoint.password}\r\n`);
  return socket;
}

async function send(socket: net.Socket, bytes: Buffer): Promise<void> {
  if (!socket.write(bytes)) await once(socket, "drain");
}
