import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Engine, EngineProvider } from "../../engine/engine.ts";
import type { BackupSystem, RestoreRequest } from "../../system/system.ts";
import { filePeers } from "./file-peers.ts";
import { type PeerCheck, peerVerdict } from "./peer.ts";
import { PeersWatch } from "./watch-peers.ts";

const server = {} as Engine;

it.each([
  [{ looked: true, alarms: ["fewer"] }, { looked: true, alarms: [] }, "caught"],
  [{ looked: true, alarms: [] }, { looked: true, alarms: [] }, "missed"],
  [{ looked: true, alarms: ["fewer"] }, { looked: true, alarms: ["fewer"] }, "n/a"],
  [undefined, { looked: true, alarms: [] }, "n/a"],
])("a peer that said %o, and %o without the fault: %s", (said, original, verdict) => {
  expect(peerVerdict(said, original).verdict).toBe(verdict);
});

it("a peer sees the backup, what is stored, the dump that is loaded, and what came back", async () => {
  const vault = await mkdtemp(join(tmpdir(), "falkordrill-peers-"));
  onTestFinished(() => rm(vault, { recursive: true }));
  await mkdir(join(vault, "backups"));
  const part = join(vault, "backups", "part");
  const failing: PeerCheck = {
    name: "failing",
    looks: "",
    begin: () => Promise.resolve({ restored: () => Promise.reject(new Error("no answer")) }),
  };
  const [checkRdb, checksums] = filePeers as [PeerCheck, PeerCheck];
  await using watch = new PeersWatch([checkRdb, checksums, failing]);
  const system = watch.around(
    {
      backup: async () => {
        await writeFile(part, "a backup");
        return { point: { id: "1" } };
      },
      restore: async ({ engines }: RestoreRequest) => ({ target: await engines.start({ rdb: part }), phases: [] }),
    } as unknown as BackupSystem,
    { vault },
  );
  await system.backup({ source: server } as Parameters<BackupSystem["backup"]>[0]);
  const engines = { start: () => Promise.resolve(server) } as unknown as EngineProvider;
  await system.restore({ point: "1", engines } as RestoreRequest);
  expect(watch.said("checksums of stored files")).toEqual({ looked: true, alarms: [] });
  expect(watch.said("redis-check-rdb")?.alarms).toHaveLength(1);
  expect(watch.said("failing")?.alarms).toEqual(["it cannot look: no answer"]);
  await writeFile(part, "another");
  await system.restore({ point: "1", engines } as RestoreRequest);
  expect(watch.said("checksums of stored files")?.alarms).toEqual(["backups/part was changed or removed"]);
});
