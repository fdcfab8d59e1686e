// One container with a server in it, after it was started.
import { readFile } from "node:fs/promises";
import type { ContainerRuntimeClient } from "testcontainers";
import { environmentError, messageOf } from "../base/errors.ts";
import { waitFor } from "../base/wait.ts";
import type { Registration } from "./reaper.ts";
import type { RunningServer } from "./running-server.ts";

type Container = ReturnType<ContainerRuntimeClient["container"]["getById"]>;

const logLines = 1000;
const startTimeoutMs = 60_000;
const killTimeoutMs = 20_000;

export class ContainerServer implements RunningServer {
  readonly host = "127.0.0.1";
  port = 0;
  ended: string | undefined;
  readonly #container: Container;
  readonly #registration: Registration;
  readonly #end: Promise<void>;

  private constructor(container: Container, registration: Registration) {
    this.#container = container;
    this.#registration = registration;
    this.#end = this.#watchEnd();
  }

  /**
   * For a container that was just created. One that ends at once never gets a port, and Testcontainers would wait for
   * it a long time: here its end is news enough.
   */
  static async watch(
    container: Container,
    starting: Promise<unknown>,
    registration: Registration,
    innerPort: number,
  ): Promise<ContainerServer> {
    const server = new ContainerServer(container, registration);
    await Promise.race([starting, server.#end]);
    starting.catch(() => {});
    const { NetworkSettings } = await container.inspect();
    server.port = Number(NetworkSettings.Ports[`${innerPort}/tcp`]?.[0]?.HostPort ?? 0);
    return server;
  }

  /** One long request to the Docker engine, answered when the container ends, at once if it has ended already. */
  async #watchEnd(): Promise<void> {
    try {
      const hasStarted = async (): Promise<true | undefined> =>
        (await this.#container.inspect()).State.Status === "created" ? undefined : true;
      const what = `container ${this.#container.id.slice(0, 12)} to start`;
      await waitFor(hasStarted, { what, timeoutMs: startTimeoutMs, intervalMs: 10, exit: "environment" });
      const { StatusCode: status } = (await this.#container.wait({ condition: "not-running" })) as {
        StatusCode: number;
      };
      // Docker reports a signal as a shell does.
      this.ended = status > 128 ? `was ended by signal ${status - 128}` : `exited with status ${status}`;
    } catch (error) {
      this.ended = `is out of sight (${messageOf(error)})`;
    }
  }

  async waitForEnd(timeoutMs: number): Promise<boolean> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const expired = new Promise<void>((resolve) => {
      deadline.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#end, expired]);
    return this.ended !== undefined;
  }

  /** A signal, and not the freezer of `docker pause`: a frozen container cannot be killed. */
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
    throw environmentError(`container ${this.#container.id.slice(0, 12)} did not end within 20 s of SIGKILL`);
  }

  async #signal(signal: string): Promise<void> {
    try {
      await this.#container.kill({ signal });
    } catch (error) {
      // It may have ended a moment ago, which is what most signals are for.
      if (!(await this.waitForEnd(1000))) throw error;
    }
  }

  async logs(): Promise<string> {
    const raw: unknown = await this.#container.logs({ stdout: true, stderr: true, tail: logLines }).catch(() => "");
    return Buffer.isBuffer(raw) ? withoutFrames(raw) : String(raw);
  }

  /** From /proc of this machine, where the Docker engine runs on it; else from inside. */
  /** Not told: the server's processes belong to the container engine. */
  cpuMs(): undefined {
    return undefined;
  }

  threads(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async rssBytes(): Promise<number> {
    const { State } = await this.#container.inspect();
    const isOurs = (await readText(`/proc/${State.Pid}/cgroup`)).includes(this.#container.id);
    const status = isOurs ? await readText(`/proc/${State.Pid}/status`) : await this.#insideStatus();
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }

  async #insideStatus(): Promise<string> {
    const { getContainerRuntimeClient } = await import("testcontainers");
    const client = await getContainerRuntimeClient();
    return (await client.container.exec(this.#container, ["cat", "/proc/1/status"])).stdout;
  }

  async remove(): Promise<void> {
    await this.#container.remove({ force: true, v: true }).catch((error: unknown) => {
      if (!/no such container|already in progress/i.test(messageOf(error))) throw error;
    });
    this.#registration.release();
  }
}

/** Docker sends the two streams of a container as frames: stream, three zeros, length, text. */
function withoutFrames(raw: Buffer): string {
  const parts: string[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts.join("");
}

function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
