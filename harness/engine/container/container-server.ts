// One started container with a server in it.
import { readFile } from "node:fs/promises";
import type { ContainerRuntimeClient } from "testcontainers";
import { within } from "../../base/deadline.ts";
import { environmentError, errorMessage } from "../../base/errors.ts";
import { waitFor } from "../../base/wait.ts";
import { cpuMsOf, threadsOf } from "../../base/proc-stat.ts";
import type { Registration } from "../../base/process/reaper.ts";
import type { RunningServer } from "../running-server.ts";

type Container = ReturnType<ContainerRuntimeClient["container"]["getById"]>;

const logLines = 1000;
const startTimeoutMs = 60_000;
const killTimeoutMs = 20_000;
/** Deadline in milliseconds for each request to the Docker engine, which has none of its own. */
const answerTimeoutMs = 30_000;

export class ContainerServer implements RunningServer {
  readonly host = "127.0.0.1";
  port = 0;
  ended: string | undefined;
  container = "";
  /** Pid of the container's main process on this machine; undefined where it is not visible. */
  #pid: number | undefined;
  readonly #container: Container;
  readonly #registration: Registration;
  #end: Promise<void>;

  private constructor(container: Container, registration: Registration) {
    this.#container = container;
    this.#registration = registration;
    this.#end = this.#watchEnd();
  }

  /**
   * Wraps a container that was just created. One that ends at once never gets a port, and Testcontainers would wait a
   * long time for it: here its end is noticed directly.
   */
  static async watch(
    container: Container,
    starting: Promise<unknown>,
    registration: Registration,
    innerPort: number,
  ): Promise<ContainerServer> {
    const server = new ContainerServer(container, registration);
    starting.catch(() => {});
    await server.#asked("to be started", Promise.race([starting, server.#end]), startTimeoutMs);
    const { Name, NetworkSettings, State } = await server.#inspect();
    server.container = Name.replace(/^\//, "");
    server.#pid = await processOfThisMachine(State.Pid, container.id);
    server.port = Number(NetworkSettings.Ports[`${innerPort}/tcp`]?.[0]?.HostPort ?? 0);
    return server;
  }

  /** One long request to the Docker engine, which is answered when the container ends or has already ended. */
  async #watchEnd(): Promise<void> {
    try {
      const hasStarted = async (): Promise<true | undefined> =>
        (await this.#inspect()).State.Status === "created" ? undefined : true;
      await waitFor(hasStarted, {
        what: `${this.#name} to start`,
        timeoutMs: startTimeoutMs,
        intervalMs: 10,
        exit: "environment",
      });
      const { StatusCode: status } = (await this.#container.wait({ condition: "not-running" })) as {
        StatusCode: number;
      };
      // Docker reports a signal as 128 plus its number, as a shell does.
      this.ended = status > 128 ? `was ended by signal ${status - 128}` : `exited with status ${status}`;
    } catch (error) {
      this.ended = `is out of sight (${errorMessage(error)})`;
    }
  }

  get #name(): string {
    return `container ${this.#container.id.slice(0, 12)}`;
  }

  async #asked<T>(what: string, request: Promise<T>, timeoutMs: number = answerTimeoutMs): Promise<T> {
    return await within(`${this.#name} ${what}`, timeoutMs, request);
  }

  async #inspect(): Promise<Awaited<ReturnType<Container["inspect"]>>> {
    return await this.#asked("to be inspected", this.#container.inspect());
  }

  /** A restore program may stop and start the container itself. */
  async revived(): Promise<boolean> {
    const { State } = await this.#inspect();
    if (!State.Running) return false;
    this.#pid = await processOfThisMachine(State.Pid, this.#container.id);
    this.ended = undefined;
    this.#end = this.#watchEnd();
    return true;
  }

  async waitForEnd(timeoutMs: number): Promise<boolean> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const expired = new Promise<void>((resolve) => {
      deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#end, expired]);
    return this.ended !== undefined;
  }

  /** Sends a signal instead of using `docker pause`: a frozen container cannot be killed. */
  async pause(): Promise<void> {
    await this.#signal("SIGSTOP");
  }

  async resume(): Promise<void> {
    await this.#signal("SIGCONT");
  }

  async terminate(): Promise<void> {
    await this.#signal("SIGTERM");
  }

  async kill(): Promise<void> {
    if (this.ended !== undefined) return;
    await this.#signal("SIGKILL");
    if (await this.waitForEnd(killTimeoutMs)) return;
    throw environmentError(`${this.#name} did not end within 20 s of SIGKILL`);
  }

  async #signal(signal: string): Promise<void> {
    try {
      await this.#asked(`to take ${signal}`, this.#container.kill({ signal }));
    } catch (error) {
      // It may have ended a moment ago, which is the purpose of most signals.
      if (!(await this.waitForEnd(1000))) throw error;
    }
  }

  async logs(): Promise<string> {
    const request = this.#container.logs({ stdout: true, stderr: true, tail: logLines });
    const raw: unknown = await this.#asked("to give its log", request).catch(() => "");
    return Buffer.isBuffer(raw) ? withoutFrames(raw) : String(raw);
  }

  cpuMs(): number | undefined {
    return this.#pid === undefined ? undefined : cpuMsOf(this.#pid);
  }

  async threads(): Promise<readonly string[]> {
    return this.#pid === undefined ? [] : await threadsOf(this.#pid);
  }

  async rssBytes(): Promise<number> {
    const status = this.#pid === undefined ? await this.#statusInside() : await readText(`/proc/${this.#pid}/status`);
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }

  async #statusInside(): Promise<string> {
    const { getContainerRuntimeClient } = await import("testcontainers");
    const client = await getContainerRuntimeClient();
    const request = client.container.exec(this.#container, ["cat", "/proc/1/status"]);
    return (await this.#asked("to report its memory", request)).stdout;
  }

  async remove(): Promise<void> {
    await this.#asked("to be removed", this.#container.remove({ force: true, v: true })).catch((error: unknown) => {
      if (!/no such container|already in progress/i.test(errorMessage(error))) throw error;
    });
    this.#registration.release();
  }
}

/** Removes the frames (stream, three zeros, length, text) in which Docker sends a container's two streams. */
function withoutFrames(raw: Buffer): string {
  const parts: string[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join("");
}

/** Undefined where the Docker engine's pids are not this machine's, for example in a virtual machine. */
async function processOfThisMachine(pid: number, containerId: string): Promise<number | undefined> {
  return (await readText(`/proc/${pid}/cgroup`)).includes(containerId) ? pid : undefined;
}

function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
