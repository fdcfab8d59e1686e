// A few threads that make parts, each one part at a time, in order of arrival.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { DrillError, errorMessage } from "../../base/errors.ts";
import { explainSystemError } from "../../base/system-error.ts";
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

  /** The first thread starts at once, each other one when a part would have to wait: a small backup has one part. */
  constructor() {
    this.#idle.push(this.#start());
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

  #start(): Worker {
    // These threads use few and large buffers outside the heap, and next to no heap.
    const worker = new Worker(workerUrl, { resourceLimits: { maxYoungGenerationSizeMb: 2 } });
    worker.on("message", (reply: PartReply) => this.#done(worker, reply));
    worker.on("error", (error: unknown) => this.#fail(error));
    this.#all.push(worker);
    return worker;
  }

  #next(): void {
    if (this.#queue.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#all.length < this.size ? this.#start() : undefined);
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
    this.#failure ??=
      explainSystemError(cause) ??
      new DrillError(`a thread that compresses and encrypts has crashed: ${errorMessage(cause)}`, {
        exit: "internal",
        cause,
      });
    for (const job of [...this.#running.values(), ...this.#queue]) job.reject(this.#failure);
    this.#running.clear();
    this.#queue.length = 0;
  }
}
