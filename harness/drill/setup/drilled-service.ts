// The graph service of a drill: a separate process that can be killed, and that restarts at the same address with what
// it had on disk, so that writers reach it again.
import type { GraphService } from "../../service/server/server.ts";
import { type GraphServiceProcess, spawnGraphService, type SpawnOptions } from "../../service/server/spawn.ts";

export class DrilledService implements GraphService {
  readonly url: string;
  readonly token: string;
  readonly auditPath: string;
  readonly #options: SpawnOptions;
  #process: GraphServiceProcess;

  private constructor(options: SpawnOptions, process: GraphServiceProcess) {
    this.url = process.url;
    this.token = process.token;
    this.auditPath = process.auditPath;
    this.#options = { ...options, port: Number(new URL(process.url).port) };
    this.#process = process;
  }

  static async start(options: SpawnOptions): Promise<DrilledService> {
    return new DrilledService(options, await spawnGraphService(options));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Sends SIGKILL; resolves when the process has exited. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async restart(): Promise<void> {
    await this.#process.kill();
    this.#process = await spawnGraphService(this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
