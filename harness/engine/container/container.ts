// FalkorDB in a Docker container, by Testcontainers. Its data is in a mounted folder of the harness, so that placing
// and wiping are the same as for the embedded engine. The cleaner of Testcontainers stays off: the harness's reaper
// finds the containers by their label.
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import type { ContainerRuntimeClient, WaitStrategy } from "testcontainers";
import { freePort } from "../../base/process/ports.ts";
import { within } from "../../base/deadline.ts";
import { environment } from "../../base/environment.ts";
import { environmentError, explanationOf, errorMessage } from "../../base/errors.ts";
import { ContainerServer } from "./container-server.ts";
import type { EngineProvider } from "../engine.ts";
import { startManagedEngine } from "../managed-engine.ts";
import { reaper } from "../../base/process/reaper.ts";
import { moduleArguments, redisConfiguration } from "../redis-config.ts";
import type { Launch, LaunchSettings } from "../running-server.ts";
import { publishedImage } from "../versions.ts";

/** Folder into which the server writes, unless a setting names another. */
const defaultPath = "/var/lib/falkordb/data";
/** Where volumes are mounted by mistake: the image's own `--dir` comes last, so that the server writes nothing there. */
const unusedPath = "/data";
const configPath = "/var/lib/falkordb/falkordrill.conf";
const serverPort = 6379;
/** Label of the container; its value is the unique name of the engine's folder. */
const labelName = "falkordrill.engine";
/** Another program may take the port between its choice and the start. */
const launchAttempts = 3;
const askTimeoutMs = 10_000;
const createTimeoutMs = 60_000;
const pullTimeoutMs = 900_000;
const imageHint = "build one with fixtures/image/build.sh and name it in FALKORDRILL_IMAGE";

/** Uses the image of FALKORDRILL_IMAGE, else the published one. */
export function containerEngines(keepIn?: string): EngineProvider {
  const image = environment().engineImage ?? publishedImage();
  return {
    kind: "container",
    unavailable: async () => {
      try {
        const docker = await dockerClient();
        return await whyNoImage(docker, image);
      } catch (error) {
        return explanationOf(error);
      }
    },
    start: async (options = {}) => await startManagedEngine("container", await launcher(image), options, keepIn),
  };
}

/** What the library says when it tried every way to Docker; it adds nothing. */
const noRuntime = "Could not find a working container runtime strategy";

function reasonOf(error: unknown): string {
  const message = errorMessage(error);
  return message === noRuntime ? "" : `: ${message}`;
}

/** Imports the library on demand: it is large, and most runs need no container. */
async function dockerClient(): Promise<ContainerRuntimeClient> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  const docker = await getContainerRuntimeClient().catch((error: unknown) => {
    throw environmentError(`no Docker engine answers${reasonOf(error)}`, "Start Docker, or use --engine embedded.");
  });
  const { host } = docker.info.containerRuntime;
  if (host === "localhost" || host === "127.0.0.1" || (await isOnThisMachine(docker))) return docker;
  throw environmentError(
    `the Docker engine is on another machine (${host}), and a drill needs to share folders with it`,
    "Use a local Docker engine, or --engine embedded.",
  );
}

/** If this machine looks like a container itself, the library assumes that every Docker engine is outside of it. */
async function isOnThisMachine(docker: ContainerRuntimeClient): Promise<boolean> {
  const answer = await askDocker(docker, "/info");
  return (answer as { Name?: string }).Name === hostname();
}

/** Asks the registry and pulls nothing: a mere check should not wait for a download. */
async function whyNoImage(docker: ContainerRuntimeClient, image: string): Promise<string | undefined> {
  const { ImageName } = await import("testcontainers");
  if (await docker.image.exists(ImageName.fromString(image))) return undefined;
  try {
    await askDocker(docker, `/distribution/${image}/json?`);
    return undefined;
  } catch (error) {
    const problem = errorMessage(error);
    return `image ${image} is not on this machine, and its registry does not give it (${problem}); ${imageHint}`;
  }
}

/** Sends a request for which the library has no method. */
async function askDocker(docker: ContainerRuntimeClient, path: string): Promise<unknown> {
  const modem = docker.container.getById("").modem as DockerModem;
  return await new Promise((resolve, reject) => {
    const abortSignal = AbortSignal.timeout(askTimeoutMs);
    const expire = (): void => reject(new Error(`no answer within ${askTimeoutMs} ms`));
    abortSignal.addEventListener("abort", expire, { once: true });
    modem.dial({ path, method: "GET", statusCodes: { 200: true }, abortSignal }, (error, answer) => {
      if (error === null) resolve(answer);
      else reject(error);
    });
  });
}

/** The part of docker-modem that is used here; it has no types of its own. */
interface DockerModem {
  dial(request: object, callback: (error: Error | null, answer: unknown) => void): void;
}

async function launcher(image: string): Promise<Launch> {
  const docker = await dockerClient();
  const { GenericContainer, ImageName } = await import("testcontainers");

  // The same port each time, so that clients find a container that was re-created, or started again by somebody else.
  let port: number | undefined;

  class EngineContainer extends GenericContainer {
    readonly created = Promise.withResolvers<string>();

    /** Testcontainers publishes ports on every interface; an engine must be reachable only from this machine. */
    protected override beforeContainerCreated(): Promise<void> {
      this.createOpts.ExposedPorts = { [`${serverPort}/tcp`]: {} };
      this.hostConfig.PortBindings = { [`${serverPort}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] };
      return Promise.resolve();
    }

    protected override containerCreated(id: string): Promise<void> {
      this.created.resolve(id);
      return Promise.resolve();
    }
  }

  const launch = async (settings: LaunchSettings): Promise<ContainerServer> => {
    port ??= await freePort();
    const labelValue = basename(settings.folder);
    const registration = reaper.containers(`${labelName}=${labelValue}`);
    const container = new EngineContainer(image)
      .withAutoCleanup(false)
      .withName(labelValue)
      .withLabels({ [labelName]: labelValue })
      .withBindMounts([
        { source: settings.dataDir, target: mountPathOf(settings), mode: "rw" },
        { source: await writeConfiguration(settings), target: configPath, mode: "ro" },
      ])
      .withEnvironment(containerEnvironment(settings))
      .withWaitStrategy(noWait);
    // Without a volume, only the user of the image may write into its data folder.
    const user = settings.volume === "data" ? userOf() : undefined;
    if (user !== undefined) container.withUser(user);
    const isHere = await docker.image.exists(ImageName.fromString(image));
    const starting = container.start();
    starting.catch(() => {});
    try {
      const made = Promise.race([container.created.promise, starting.then(() => "")]);
      const id = await within(`a container of image ${image}`, isHere ? createTimeoutMs : pullTimeoutMs, made);
      return await ContainerServer.watch(docker.container.getById(id), starting, registration, serverPort);
    } catch (error) {
      const created = await docker.container.fetchByLabel(labelName, labelValue, { status: ["created", "exited"] });
      await created?.remove({ force: true, v: true });
      port = undefined;
      registration.release();
      throw environmentError(
        `cannot start a container of image ${image}: ${errorMessage(error)}`,
        `Check that the image can be pulled, or ${imageHint}.`,
        error,
      );
    }
  };
  return async (settings) => {
    for (let attempt = 1; ; attempt++)
      try {
        return await launch(settings);
      } catch (error) {
        if (attempt === launchAttempts || !/already allocated|already in use/i.test(errorMessage(error))) throw error;
      }
  };
}

function mountPathOf(settings: LaunchSettings): string {
  return settings.volume === "data" ? dataPathOf(settings) : unusedPath;
}

function dataPathOf({ volume, redisConfig: { dir = defaultPath } }: LaunchSettings): string {
  return volume === "data" ? dir : defaultPath;
}

function containerEnvironment(settings: LaunchSettings): Record<string, string> {
  return {
    // redis-server reads a configuration file given as its first argument, so no secret is in argv or environment.
    REDIS_ARGS: configPath,
    FALKORDB_ARGS: moduleArguments(settings.moduleArgs).join(" "),
    FALKORDB_DATA_PATH: dataPathOf(settings),
    BROWSER: "0",
  };
}

/** Writes the configuration file, which holds only the hash of the password. */
async function writeConfiguration({ folder, password, redisConfig }: LaunchSettings): Promise<string> {
  const path = join(folder, "redis.conf");
  const hash = createHash("sha256").update(password).digest("hex");
  const directives = { user: `default on #${hash} ~* &* +@all` };
  await writeFile(path, redisConfiguration({ directives, redisConfig }), { mode: 0o600 });
  return path;
}

/** No wait strategy: ManagedEngine itself waits until the FalkorDB is ready. */
const noWait: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => noWait,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => askTimeoutMs,
};

/**
 * Runs the server as the user of the harness, so that the harness can read and remove what it wrote. Root needs no
 * mapping, and in a rootless engine root is already that user.
 */
function userOf(): string | undefined {
  const { getuid, getgid } = process;
  if (getuid === undefined || getgid === undefined || process.platform !== "linux" || getuid() === 0) return undefined;
  return `${getuid()}:${getgid()}`;
}
