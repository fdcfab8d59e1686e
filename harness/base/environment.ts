// The one place where environment variables are read. docs/reference/environment.md is written from the list.

/** The project's own variables, with what each is for. */
export const environmentVariables = {
  FALKORDRILL_IMAGE: "Container image to use instead of the published FalkorDB image.",
  FALKORDRILL_ENGINE_LIBRARIES: "Folder with the C library and related libraries for the embedded engine.",
  FALKORDRILL_REDIS_SERVER: "Path of the `redis-server` that the embedded engine starts.",
  FALKORDRILL_FALKORDB_MODULE: "Path of the `falkordb.so` that it loads.",
  FALKORDRILL_SIGNING_KEY: "Armored OpenPGP secret key that signs the evidence of `falkordrill gate`.",
  FALKORDRILL_SIGNING_PASSPHRASE: "Passphrase of that key.",
  FALKORDRILL_REQUIRE_CONTAINERS: "Set to 1: tests that need containers fail instead of being skipped.",
  FALKORDRILL_REQUIRE_BROWSER:
    "Set to 1: tests that need Chromium, Prometheus or Alertmanager fail instead of being skipped.",
  FALKORDRILL_REQUIRE_FIELD_TOOLS:
    "Set to 1: tests of fixtures/field-systems fail instead of being skipped where redis-cli, restic, gpg or python3 is missing.",
  FALKORDRILL_REQUIRE_OBJECT_STORES: "Set to 1: tests that need radosgw fail instead of being skipped.",
  FALKORDRILL_CRASH_POINT:
    "Used by drills: what happens to this process at a point between two steps of a vault command, such as `kill 7` or `stop backup/cut-taken`.",
  FALKORDRILL_PROOF_SEED: "Seed from which the tests draw their sample of mutants (default: 1).",
} as const;

/** Values of the environment, read at each call so that tests can stub them. */
export function environment(): {
  readonly ci: boolean;
  readonly isScenarioTest: boolean;
  readonly home: string;
  readonly cacheHome: string | undefined;
  readonly githubActions: boolean;
  readonly githubOutput: string | undefined;
  readonly githubStepSummary: string | undefined;
  readonly githubRunUrl: string | undefined;
  readonly signingKey: string | undefined;
  readonly signingPassphrase: string | undefined;
  readonly engineImage: string | undefined;
  readonly engineLibraries: string | undefined;
  readonly redisServer: string | undefined;
  readonly falkordbModule: string | undefined;
  readonly requireContainers: boolean;
  readonly requireBrowser: boolean;
  readonly requireFieldTools: boolean;
  readonly requireObjectStores: boolean;
  readonly proofSeed: number | undefined;
  readonly crashPoint: string | undefined;
  readonly s3Endpoint: string | undefined;
} {
  const env = process.env;
  const own = (name: keyof typeof environmentVariables): string | undefined => env[name];
  return {
    ci: isSet(env["CI"]),
    isScenarioTest: isScenarioTest(),
    home: env["HOME"] ?? "/tmp",
    cacheHome: env["XDG_CACHE_HOME"],
    githubActions: isSet(env["GITHUB_ACTIONS"]),
    githubOutput: textOf(env["GITHUB_OUTPUT"]),
    githubStepSummary: textOf(env["GITHUB_STEP_SUMMARY"]),
    githubRunUrl: githubRunUrl(env),
    signingKey: own("FALKORDRILL_SIGNING_KEY"),
    signingPassphrase: own("FALKORDRILL_SIGNING_PASSPHRASE"),
    engineImage: own("FALKORDRILL_IMAGE"),
    engineLibraries: own("FALKORDRILL_ENGINE_LIBRARIES"),
    redisServer: own("FALKORDRILL_REDIS_SERVER"),
    falkordbModule: own("FALKORDRILL_FALKORDB_MODULE"),
    requireContainers: isSet(own("FALKORDRILL_REQUIRE_CONTAINERS")),
    requireBrowser: isSet(own("FALKORDRILL_REQUIRE_BROWSER")),
    requireFieldTools: isSet(own("FALKORDRILL_REQUIRE_FIELD_TOOLS")),
    requireObjectStores: isSet(own("FALKORDRILL_REQUIRE_OBJECT_STORES")),
    proofSeed: numberOf(own("FALKORDRILL_PROOF_SEED")),
    crashPoint: textOf(own("FALKORDRILL_CRASH_POINT")),
    s3Endpoint: textOf(env["AWS_ENDPOINT_URL_S3"]) ?? textOf(env["AWS_ENDPOINT_URL"]),
  };
}

/** The environment for a process of our own that is killed, stopped or failed at a point of its work (crash-point.ts). */
export function crashingEnvironment(
  crashPoint: string,
  temporary: string,
  given: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const own = { ...given, FALKORDRILL_CRASH_POINT: crashPoint, TMPDIR: temporary };
  return Object.fromEntries(
    Object.entries({ ...process.env, ...own }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The environment of this process with more in it, for a command of our own that finds its credentials there. */
export function environmentWith(given: Readonly<Record<string, string>>): Readonly<Record<string, string | undefined>> {
  return { ...process.env, ...given };
}

/**
 * The environment for programs that work for this one, such as `mkfifo`, `git` and the graph service of a drill: what they need to run, and none of the
 * secrets that the environment of this process may hold.
 */
export function helperEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => helperVariable.test(entry[0])),
  );
}
const helperVariable =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|LANG|LC_.*|TZ|LD_LIBRARY_PATH|XDG_.*|DOCKER_(HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY)|(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|GIT_(CONFIG_.*|DIR|SSL_.*)|NODE_.*|FALKORDRILL_(?!SIGNING_).*)$/i;

/** The environment for programs of a team: without our own variables, which may hold secrets. */
export function foreignEnvironment(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("FALKORDRILL_")));
}

/** Variables that a GitHub runner sets for the scripts of action.yml. */
export function actionEnvironment(): {
  /** The inputs of the action as JSON. */
  readonly inputs: string | undefined;
  readonly apiUrl: string;
  readonly repository: string | undefined;
  readonly sha: string | undefined;
  readonly eventPath: string | undefined;
  readonly runnerTemp: string;
} {
  const env = process.env;
  return {
    inputs: textOf(env["INPUTS"]),
    apiUrl: textOf(env["GITHUB_API_URL"]) ?? "https://api.github.com",
    repository: textOf(env["GITHUB_REPOSITORY"]),
    sha: textOf(env["GITHUB_SHA"]),
    eventPath: textOf(env["GITHUB_EVENT_PATH"]),
    runnerTemp: textOf(env["RUNNER_TEMP"]) ?? "/tmp",
  };
}

/** Whether vitest runs a scenario file in this process; the variable VITEST is inherited by programs that a test starts. */
function isScenarioTest(): boolean {
  const { __vitest_worker__: worker } = globalThis as { readonly __vitest_worker__?: { readonly filepath?: string } };
  return worker?.filepath?.endsWith(".scenario.ts") ?? false;
}

function textOf(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function numberOf(value: string | undefined): number | undefined {
  return value === undefined || value === "" ? undefined : Number(value);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}

/** The page of the workflow run that this process is a step of. */
function githubRunUrl(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (server === undefined || repository === undefined || run === undefined) return undefined;
  return `${server}/${repository}/actions/runs/${run}`;
}
