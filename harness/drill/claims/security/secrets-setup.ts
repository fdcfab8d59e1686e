// What the search for secrets begins with: secrets in files, texts in a graph, two servers, and a graph service.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serverUrl } from "../../../base/endpoint.ts";
import { privateFolder } from "../../../base/process/reaper.ts";
import type { Engine } from "../../../engine/engine.ts";
import { connect } from "../../../falkordb/client/connection.ts";
import type { BackupSystem } from "../../../system/system.ts";
import type { Drill } from "../../drill.ts";
import { ownEngines } from "../../guard/own-engines.ts";
import { DrilledService } from "../../setup/drilled-service.ts";
import { prepareIdle } from "../../setup/idle-setup.ts";
import { plain, type Planted, unusual } from "./planted.ts";

/** A bucket that is opened with any credentials, so that those in the environment can be planted ones. */
export interface OpenBucket {
  readonly endpoint: string;
  readonly bucket: string;
}

export interface SecretsSetup {
  readonly drill: Drill;
  readonly system: BackupSystem;
  /** Everything that is searched later; secrets are in its folder `secrets`. */
  readonly folder: string;
  readonly files: Readonly<Record<SecretFile, string>>;
  readonly planted: readonly Planted[];
  readonly environment: Readonly<Record<string, string>>;
  readonly source: Engine;
  readonly target: Engine;
  readonly service: DrilledService;
  readonly bucket: OpenBucket | undefined;
  /** The source with a wrong password in the URL. */
  readonly urlWithPassword: string;
  /** Writes one more node with planted texts. */
  readonly change: () => Promise<unknown>;
}

type SecretFile =
  | "passphrase"
  | "newPassphrase"
  | "wrongPassphrase"
  | "sourcePassword"
  | "targetPassword"
  | "wrongPassword"
  | "token"
  | "wrongToken";

const graph = "planted";
const searchedFolders = ["secrets", "logs", "out", "temporary", "service", "work"] as const;

export async function prepareSecrets(
  drill: Drill,
  resources: AsyncDisposableStack,
  bucket: OpenBucket | undefined,
): Promise<SecretsSetup> {
  const { system, source } = await prepareIdle(drill, resources, { start: { moduleArgs: { EFFECTS_THRESHOLD: "0" } } });
  const { signal } = drill;
  const folder = resources.use(await privateFolder("secrets")).path;
  for (const name of searchedFolders) await mkdir(join(folder, name), { mode: 0o700 });
  const target = resources.use(await ownEngines(drill.engines).start({ name: "target", signal }));
  const given: Readonly<Record<SecretFile, Planted>> = {
    passphrase: { kind: "passphrase", name: "the passphrase", text: unusual("passphrase") },
    newPassphrase: { kind: "passphrase", name: "the new passphrase", text: unusual("new passphrase") },
    wrongPassphrase: { kind: "passphrase", name: "a wrong passphrase", text: unusual("wrong passphrase") },
    sourcePassword: { kind: "password", name: "the source's password", text: source.endpoint.password ?? "" },
    targetPassword: { kind: "password", name: "the target's password", text: target.endpoint.password ?? "" },
    wrongPassword: { kind: "password", name: "a wrong password", text: plain("password") },
    token: { kind: "token", name: "the token of the service", text: plain("token") },
    wrongToken: { kind: "token", name: "a wrong token", text: plain("wrong-token") },
  };
  const environment = {
    FALKORDRILL_SIGNING_PASSPHRASE: unusual("signing passphrase"),
    AWS_ACCESS_KEY_ID: plain("storage-id"),
    AWS_SECRET_ACCESS_KEY: plain("storage"),
  };
  const inUrl: Planted = { kind: "argument", name: "a password in a URL", text: plain("in-url") };
  const texts = {
    node: { kind: "graph", name: "text of a node", text: unusual("node") },
    fact: { kind: "graph", name: "text of a fact", text: unusual("fact") },
    episode: { kind: "graph", name: "body of an episode", text: unusual("episode") },
    property: { kind: "name", name: "name of a property", text: plain("property").replaceAll("-", "_") },
  } as const satisfies Readonly<Record<string, Planted>>;
  await using connection = await connect(source.endpoint);
  await connection.query(
    graph,
    `CREATE (:Entity {uuid: 'planted', summary: $node, \`${texts.property.text}\`: 1})
       -[:RELATES_TO {fact: $fact}]->(:Episodic {content: $episode})`,
    Object.fromEntries(Object.entries(texts).map(([name, { text }]) => [name, text])),
  );
  const files: Record<string, string> = {};
  for (const [name, { text }] of Object.entries(given)) {
    const file = join(folder, "secrets", name);
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    files[name] = file;
  }
  const service = resources.use(
    await DrilledService.start({
      database: source.endpoint,
      token: given.token.text,
      stateDir: join(folder, "service"),
    }),
  );
  const variables = Object.entries(environment).map(([name, text]): Planted => ({ kind: "environment", name, text }));
  return {
    drill,
    system,
    folder,
    files: files as Record<SecretFile, string>,
    planted: [...Object.values(given), ...Object.values(texts), ...variables, inUrl],
    environment,
    source,
    target,
    service,
    bucket,
    urlWithPassword: serverUrl(source.endpoint).replace("://", `://:${inUrl.text}@`),
    change: async () => {
      await using writer = await connect(source.endpoint);
      return await writer.query(graph, "CREATE (:Entity {summary: $text})", { text: texts.node.text });
    },
  };
}
