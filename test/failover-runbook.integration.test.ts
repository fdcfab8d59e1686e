// docs/runbooks/failover.md, followed word by word: each block after the fault that its heading names.
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingStore, objectStore } from "../fixtures/object-stores/object-stores.ts";
import { serverUrl } from "../harness/base/endpoint.ts";
import { privateFolder } from "../harness/base/process/reaper.ts";
import { embeddedEngines } from "../harness/engine/embedded.ts";
import type { Engine } from "../harness/engine/engine.ts";
import { connect } from "../harness/falkordb/client/connection.ts";
import { fingerprintOf } from "../harness/vault/in-place/in-place-run.ts";
import { fillSource } from "../harness/vault/testing/test-source.ts";
import { type RunbookShell, runbookSections, runbookShell } from "./runbook.ts";

const resources = new AsyncDisposableStack();
const { signal } = new AbortController();
const sections = runbookSections("docs/runbooks/failover.md");
const missing = missingStore("moto");
let shell: RunbookShell;
let vault: string;
/** What the second region had when the first one was lost. */
let held: string;
const servers = new Map<string, Engine>();
const serverOf = (name: string): Engine => servers.get(name) as Engine;

async function write(name: string, id: number): Promise<void> {
  await using connection = await connect(serverOf(name).endpoint);
  await connection.query("people", "CREATE (:Person {id: $id})", { id: 900_000 + id });
}

async function empty(name: string): Promise<void> {
  await using connection = await connect(serverOf(name).endpoint);
  await connection.command("FLUSHALL");
}

const archiving = /Ctrl-C ends it/;

const faults: Readonly<Record<string, (blocks: readonly string[]) => Promise<void>>> = {
  "First: what the second region has": async ([list = ""]) => {
    await rename(vault, `${vault}-lost`);
    expect(shell.run(list)).toMatch(/\d{8}T\d{6}Z-/);
  },
  "Restore in the second region": async (blocks) => {
    for (const block of blocks) shell.run(block);
    expect(await fingerprintOf(serverOf("second"), signal)).toBe(held);
  },
  "Two replicas are left, and one of them does not answer": async (blocks) => {
    await empty("second");
    for (const block of blocks) expect(shell.run(block)).toContain("going on with s3://");
    expect(await fingerprintOf(serverOf("second"), signal)).toBe(held);
  },
  "The second region takes over": async ([archive = ""]) => {
    await shell.during(archive, archiving, () => write("second", 1001));
  },
  "The first region is there again": async ([again = "", archive = "", replicate = ""]) => {
    shell.run(again);
    const [here, there] = [
      await fingerprintOf(serverOf("first"), signal),
      await fingerprintOf(serverOf("second"), signal),
    ];
    expect(here).toBe(there);
    await shell.during(archive, archiving, () => shell.during(replicate, /in step/, () => write("first", 1002)));
  },
  "The old first region wrote on": async (blocks) => {
    await rename(`${vault}-lost`, vault);
    const refused = shell.run(
      "falkordrill vault replicate --from /backups/graphs --to s3://backups/graph --keys graph-keys",
      10,
    );
    expect(refused).toContain("both are kept");
    for (const block of blocks) shell.run(block);
    expect(await fingerprintOf(serverOf("aside"), signal)).not.toBe(held);
  },
};

describe.skipIf(missing !== undefined)(
  `docs/runbooks/failover.md (moto)${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    beforeAll(async () => {
      const folder = resources.use(await privateFolder("failover-runbook")).path;
      vault = join(folder, "vault");
      for (const name of ["first", "second", "aside"])
        servers.set(
          name,
          resources.use(await embeddedEngines().start({ name, moduleArgs: { EFFECTS_THRESHOLD: "0" } })),
        );
      const { endpoint, credentials, newBucket } = await objectStore("moto");
      const urls = [...servers].map(
        ([name, { endpoint: at }]) => [`redis://${name}:6379`, serverUrl(at, { withPassword: true })] as const,
      );
      const places = [
        ["/backups/graphs", vault],
        ["s3://backups/graph", `s3://${await newBucket()}/graph`],
        ["graph-keys", join(folder, "keys")],
        ...urls,
      ] as const;
      shell = runbookShell(folder, places, {
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      });
      await fillSource(serverOf("first").endpoint);
      shell.run("falkordrill vault init --vault /backups/graphs --keys graph-keys");
      shell.run("falkordrill vault init --vault s3://backups/graph --keys graph-keys");
      shell.run("falkordrill vault backup --vault /backups/graphs --keys graph-keys --url redis://first:6379");
      held = await fingerprintOf(serverOf("first"), signal);
      shell.run("falkordrill vault replicate --from /backups/graphs --to s3://backups/graph --keys graph-keys");
      await shell.during(
        "falkordrill vault archive --vault /backups/graphs --keys graph-keys --url redis://first:6379",
        archiving,
        () => write("first", 1000),
      );
      await empty("first");
    }, 300_000);
    afterAll(() => resources.disposeAsync());

    it("has a fault for every heading, and a heading for every fault", () => {
      expect([...sections.keys()]).toEqual(Object.keys(faults));
    });

    it.each(Object.entries(faults))(
      "%s",
      async (heading, follow) => {
        await expect(follow(sections.get(heading) ?? [])).resolves.toBeUndefined();
      },
      300_000,
    );
  },
);
