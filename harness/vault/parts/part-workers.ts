// A few threads that make parts, each one part at a time, in order of arrival.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { DrillError } from "../../base/errors.ts";
import type { PartReply, PartRequest } from "./part-worker.ts";

export type MadePart = Exclude<PartReply, { error: string }>;

interface Job {
  readonly request: PartRequest;
  readonly resolve: (part: MadePart) => void;
  readonly reject: (error: Error) => void;
}

const threadsMax = 4;
// In the compiled package, the file next to this one has another extension.
const workerUrl = new URL(import.meta.url.endsWith(".ts") ? "./part-worker.ts" : "./part-worker.js", import.meta.url);

export class PartWorkers implements AsyncDisposable {
  readonly size: number = Math.min(threadsMax, availableParallelism());
  readonly #idle: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #queue: Job[] = [];
  readonly #running = new Map<Worker, Job>();
  #failure: Error | undefined;

  constructor() {
    for (let index = 0; index < this.size; index++) {
      // These threads use few and large buffers outside the heap, and next to no heap.
      const worker = new Worker(workerUrl, { resourceLimits: { maxYoungGenerationSizeMb: 2 } });
      worker.on("message", (reply: PartReply) => this.#done(worker, reply));
      worker.on("error", (error: unknown) => this.#fail(error));
      this.#all.push(worker);
      this.#idle.push(worker);
    }
  }

  make(request: PartRequest): Promise<MadePart> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      this.#next();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Error("the backup ended"));
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #next(): void {
    const worker = this.#queue.length === 0 ? undefined : this.#idle.pop();
    const job = worker === undefined ? undefined : this.#queue.shift();
    if (worker === undefined || job === undefined) return;
    this.#running.set(worker, job);
    const { raw, sealed } = job.request.block;
    worker.postMessage(job.request, [raw, sealed]);
  }

  #done(worker: Worker, reply: PartReply): void {
    const job = this.#running.get(worker);
    this.#running.delete(worker);
    this.#idle.push(worker);
    if ("error" in reply) job?.reject(new DrillError(`a part could not be made: ${reply.error}`, { exit: "internal" }));
    else job?.resolve(reply);
    this.#next();
  }

  #fail(cause: unknown): void {
    this.#failure ??= new DrillError("a thread that compresses and encrypts has crashed", { exit: "internal", cause });
    for (const job of [...this.#running.values(), ...this.#queue]) job.reject(this.#failure);
    this.#running.clear();
    this.#queue.length = 0;
  }
}
