// Every command of a vault on a real object store, by a user of the store who may do what the guide says and nothing else:
// the policy of the bucket is made of the JSON that docs/guides/second-region.md shows.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CopyObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { missingStore, type ObjectStore, objectStore } from "../../../fixtures/object-stores/object-stores.ts";
import { serverUrl } from "../../base/endpoint.ts";
import { packageRoot } from "../../base/package.ts";
import { privateFolder } from "../../base/process/reaper.ts";
import { embeddedEngines } from "../../engine/embedded.ts";
import type { Engine } from "../../engine/engine.ts";
import { connect } from "../../falkordb/client/connection.ts";
import { startArchiveProcess } from "../../system/reference/archive-process.ts";
import { openVault } from "../../vault/store/vault.ts";
import { type TestSource, testSource } from "../../vault/testing/test-source.ts";
import { type Ended, falkordrill } from "../testing/command-line.ts";

const missing = missingStore("radosgw");
const users = ["owner", "backup", "reader", "writer"] as const;
type User = (typeof users)[number];

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: string;
}

/** The rights of a backup host, as the guide lists them. */
function rightsInGuide(): readonly Statement[] {
  const guide = readFileSync(join(packageRoot(), "docs", "guides", "second-region.md"), "utf8");
  const [, json = "{}"] = /```json\n([^`]*"s3:PutObject"[^`]*)```/.exec(guide) ?? [];
  return (JSON.parse(json) as { Statement: Statement[] }).Statement;
}

describe.skipIf(missing !== undefined)(`a vault on radosgw ${missing ?? ""}`, { timeout: 600_000 }, () => {
  const resources = new AsyncDisposableStack();
  let store: ObjectStore;
  let keys: Record<User, ObjectStore["credentials"]>;
  let source: TestSource;
  let target: Engine;
  let folder: string;
  let bucket: string;

  beforeAll(async () => {
    folder = resources.use(await privateFolder("on-s3")).path;
    store = await objectStore("radosgw");
    const { newUser } = store;
    if (newUser === undefined) throw new Error("radosgw has users");
    const made = await Promise.all(
      users.map(async (user) => [user, user === "owner" ? store.credentials : await newUser(user)] as const),
    );
    keys = Object.fromEntries(made) as typeof keys;
    source = resources.use(await testSource());
    target = resources.use(await embeddedEngines().start({ name: "target" }));
    bucket = await store.newBucket({ versioning: true });
    await allowAsInGuide();
    await done("owner", "init");
  }, 300_000);
  afterAll(() => resources.disposeAsync());

  const ownerClient = (): S3Client =>
    resources.adopt(new S3Client({ ...store, forcePathStyle: true }), (one) => one.destroy());

  async function allowAsInGuide(): Promise<void> {
    const principal = (user: User) => ({ AWS: [`arn:aws:iam:::user/${user === "owner" ? "test" : user}`] });
    const allow = (user: User, statements: readonly Statement[]) =>
      statements.map((one) => ({
        ...one,
        Effect: "Allow",
        Principal: principal(user),
        Resource: one.Resource.replace("backups/graph", `${bucket}/graph`).replace(/backups$/, bucket),
      }));
    const guide = rightsInGuide();
    const only = (...actions: readonly string[]): readonly Statement[] =>
      guide
        .map((one) => ({ ...one, Action: one.Action.filter((action) => actions.includes(action)) }))
        .filter(({ Action }) => Action.length > 0);
    const Statement = [
      // What another user has put is not the owner's in Ceph.
      ...allow("owner", [{ Action: ["s3:*"], Resource: "arn:aws:s3:::backups/graph/*" }]),
      ...allow("backup", guide),
      ...allow("reader", only("s3:ListBucket", "s3:GetObject")),
      ...allow("writer", only("s3:PutObject", "s3:AbortMultipartUpload")),
    ];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await ownerClient().send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  }

  /** Puts the credentials into the environment, and returns the flags of the vault. */
  function as(user: User): readonly string[] {
    vi.stubEnv("AWS_ACCESS_KEY_ID", keys[user].accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", keys[user].secretAccessKey);
    vi.stubEnv("AWS_ENDPOINT_URL", store.endpoint);
    return ["--vault", `s3://${bucket}/graph`, "--keys", join(folder, "keys")];
  }

  async function run(user: User, command: string, ...flags: readonly string[]): Promise<Ended> {
    const vault = as(user);
    return await falkordrill(["vault", ...command.split(" "), ...vault, ...flags]);
  }

  async function done(user: User, command: string, ...flags: readonly string[]): Promise<Ended> {
    const ended = await run(user, command, ...flags);
    if (ended.code !== 0) throw new Error(`${command} by ${user} ended with ${String(ended.code)}: ${ended.stderr}`);
    return ended;
  }

  const urlOf = ({ endpoint }: Engine): string => serverUrl(endpoint, { withPassword: true });
  const from = (): readonly string[] => ["--url", urlOf(source.source)];
  const write = (name: string): Promise<unknown> =>
    source.connection.query("people", `CREATE (:Person {name: '${name}'})`);
  const count = async ({ endpoint }: Engine): Promise<unknown> => {
    await using connection = await connect(endpoint);
    return (await connection.query("people", "MATCH (n) RETURN count(n)")).rows;
  };
  const ids = async (): Promise<readonly string[]> => {
    const { backups } = JSON.parse((await run("reader", "list", "--json")).stdout) as { backups: { id: string }[] };
    return backups.map(({ id }) => id);
  };

  it("takes backups, increments and an archive with credentials that cannot delete, and only a prune needs more", async () => {
    await done("backup", "backup", ...from());
    await write("increment");
    const increment = await done("backup", "backup", ...from(), "--incremental");
    expect(increment.stdout).toContain("increment of");

    const archive = await startArchiveProcess({
      vault: as("backup")[1] ?? "",
      endpoint: source.source.endpoint,
      folder: { path: folder },
      flags: ["--keys", join(folder, "keys")],
    });
    {
      await using following = archive;
      const { signal } = new AbortController();
      await following.untilFollowing(signal);
      await write("archived");
      expect(await following.interrupt(signal)).toBe(0);
    }
    await done("backup", "backup", ...from());

    const owners = await openVault({ bucket, prefix: "graph", ...store });
    const held = [...(await owners.list("locks/")), ...(await owners.list("guest/"))];
    expect(held.length).toBeGreaterThan(0);
    expect(held.filter(({ sizeBytes }) => sizeBytes > 0)).toEqual([]);
    await done("backup", "audit");
    await done("backup", "verify");

    const refused = await run("backup", "prune", "--keep-last", "1");
    expect([refused.code, refused.stderr]).toEqual([14, expect.stringContaining("they lack s3:DeleteObject")]);
    await done("backup", "audit");
    await done("owner", "prune", "--keep-last", "1");
    expect(await owners.list("locks/")).toEqual([]);
    expect(await owners.list("guest/")).toEqual([]);
    await done("reader", "audit");
  });

  it("is read, compared and restored with credentials that can only read, and what they cannot do is said", async () => {
    expect(await ids()).not.toEqual([]);
    const verified = await run("reader", "verify");
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("is not on record")]);
    const restored = await run("reader", "restore", "--to", urlOf(target));
    expect([restored.code, restored.stderr]).toEqual([0, expect.stringContaining("a prune cannot see this restore")]);
    expect(await count(target)).toEqual(await count(source.source));
    const compared = await falkordrill([
      "diff",
      `${as("reader")[1] ?? ""}#latest`,
      urlOf(source.source),
      "--keys",
      join(folder, "keys"),
    ]);
    expect([compared.code, compared.stdout]).toEqual([0, expect.stringContaining("equal:")]);
    for (const [command, ...flags] of [
      ["backup", ...from()],
      ["archive", ...from()],
      ["prune", "--keep-last", "1"],
    ] as const) {
      const refused = await run("reader", command, ...flags);
      expect([command, refused.code, refused.stderr]).toEqual([command, 14, expect.stringContaining("PutObject")]);
    }
  });

  it("is not seen by credentials that can only write: every command is refused by its first request", async () => {
    const rdb = ["--rdb-out", join(folder, "refused.rdb")];
    const commands = {
      backup: from(),
      archive: from(),
      list: [],
      restore: rdb,
      prune: ["--keep-last", "1"],
      verify: [],
    };
    for (const [command, flags] of Object.entries(commands)) {
      const refused = await run("writer", command, ...flags);
      const said = "GetObject graph/vault.json failed: 403";
      expect([command, refused.code, refused.stderr]).toEqual([command, 14, expect.stringContaining(said)]);
    }
  });

  it("is restored in place, compacted, rotated both ways, drilled and pruned", async () => {
    await write("later");
    await done("owner", "backup", ...from(), "--incremental");
    await done("owner", "compact");
    await using before = await connect(target.endpoint);
    await before.query("people", "CREATE (:Person {name: 'to be replaced'})");
    const place = ["--to", urlOf(target), "--in-place", "--yes", "--refuse-writes"];
    const restored = await run("owner", "restore", ...place);
    expect([restored.code, restored.stderr]).toEqual([0, expect.stringContaining("has that room, no bucket says")]);
    await done("owner", "keys generate", "--name", "second");
    for (const form of [
      ["--retire", "interop"],
      ["--retire", "second", "--generate", "third", "--re-encrypt"],
    ]) {
      await done("owner", "keys rotate", ...form);
      await done("owner", "audit");
      const rdb = join(folder, `${String(form.length)}.rdb`);
      await done("owner", "restore", "--rdb-out", rdb);
    }
    await done("owner", "keys drill");
    // Newer than the safety snapshot of the restore in place.
    await done("owner", "backup", ...from());
    await done("owner", "verify");
    await done("owner", "prune", "--keep-last", "1");
    await done("reader", "audit");
    await using connection = await connect(target.endpoint);
    await connection.command("FLUSHALL");
    await done("owner", "restore", "--to", urlOf(target));
    expect(await count(target)).toEqual(await count(source.source));
  });

  it("overwritten by whoever stole the credentials of the backup host is found, and comes back from the older versions", async () => {
    const id = (await ids()).at(-1) ?? "";
    const client = ownerClient();
    const thief = new S3Client({ ...store, credentials: keys.backup, forcePathStyle: true });
    const Prefix = `graph/backups/${id}/`;
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix }));
    const newest = Versions.filter(({ IsLatest }) => IsLatest === true);
    for (const { Key } of newest) await thief.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "noise" }));
    thief.destroy();
    const found = await run("owner", "verify", id);
    expect([found.code, found.stdout]).toEqual([10, expect.stringContaining("not signed by a key")]);
    const listed = await run("reader", "list");
    expect(`${listed.stdout}${listed.stderr}`).toContain(id);
    for (const { Key, VersionId } of newest)
      await client.send(
        new CopyObjectCommand({
          Bucket: bucket,
          Key,
          CopySource: `${bucket}/${Key ?? ""}?versionId=${VersionId ?? ""}`,
        }),
      );
    await done("owner", "verify", id);
    await done("owner", "audit");
  });
});
