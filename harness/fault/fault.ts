// A fault has one lifecycle: whether it can be injected here, its injection, the proof that it fired, and its undoing. `defineFault`
// provides it; a fault itself makes one change, and leaves with `undo` how to take it back and how to see that it happened.
import type { Draw } from "../../generators/random.ts";
import type { Engine } from "../engine/engine.ts";
import type { FaultRecord } from "./fault-record.ts";
import type { FaultyProxy } from "./network/faulty-proxy.ts";

/** A command that a fault acts upon, or that runs meanwhile. */
export interface FaultProcess {
  readonly name: string;
  /** Flags of Node with which it will be started; a fault that is injected before its start adds to them. */
  readonly nodeFlags: string[];
  /** Undefined before its start. */
  readonly pid: () => number | undefined;
  /** What it has written to stderr so far. */
  readonly stderr: () => string;
}

export interface FaultService {
  readonly pid: number;
  /** Sends SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
}

/** What a drill has that a fault may act upon. */
export interface FaultTargets {
  readonly server?: Engine | undefined;
  readonly command?: FaultProcess | undefined;
  /** The graph service in front of the server. */
  readonly service?: FaultService | undefined;
  /** Between the command and the server. */
  readonly network?: FaultyProxy | undefined;
  /** Mount point of a small file system that holds the vault. */
  readonly disk?: string | undefined;
}

export interface FaultContext extends FaultTargets {
  /** When it is aborted, the fault recovers by itself. */
  readonly signal: AbortSignal;
}

export type FaultStrength = Readonly<Record<string, number | string | boolean>>;

/** A fault of a resolved strength, to be injected once. */
export interface Fault {
  readonly name: string;
  readonly strength: FaultStrength;
  /** Returns undefined if it can be injected here, else one sentence that says why not. */
  available(context: FaultContext): Promise<string | undefined>;
  /** Takes back what it changed where it throws. */
  inject(context: FaultContext): Promise<void>;
  /** What it has done so far. `fired` is false where what it was to break was never reached. */
  record(): FaultRecord;
  /** Takes everything back. A second call changes nothing. */
  recover(): Promise<void>;
}

export interface FaultKind {
  readonly name: string;
  /** What it does, as a sentence without a subject. */
  readonly about: string;
  readonly needs: readonly (keyof FaultTargets)[];
  /** `before-start`: of the command, which it acts upon from inside or at a byte that is counted from its start. */
  readonly injected: "before-start" | "while-running";
  /** Chooses its strength. */
  draw(draw: Draw): Fault;
}

/** Whether it fired, and what it measured; called again for each record. */
export type FaultProof = () => { readonly fired: boolean; readonly detail?: Readonly<Record<string, unknown>> };

export interface FaultDefinition<Strength extends FaultStrength> extends Omit<FaultKind, "draw"> {
  /** Chooses its strength from the seed. */
  strengthOf(draw: Draw): Strength;
  /** Why it is not available although its targets are there. */
  unavailable?(context: FaultContext): Promise<string | undefined> | string | undefined;
  /** Makes the change. Whatever is to be taken back is given to `undo` before it is changed. */
  inject(context: FaultContext, strength: Strength, undo: AsyncDisposableStack): Promise<FaultProof>;
}

/** Makes a fault of its parts: it is checked for its targets, drawn from the seed, and undone even if injecting it fails. */
export function defineFault<Strength extends FaultStrength>(definition: FaultDefinition<Strength>): FaultKind {
  const { name, about, needs, injected } = definition;
  return {
    name,
    about,
    needs,
    injected,
    draw: (draw) => new DefinedFault(definition, definition.strengthOf(draw)),
  };
}

const missing: Readonly<Record<keyof FaultTargets, string>> = {
  server: "there is no server that it may harm",
  command: "there is no command of its own process that it may harm",
  service: "there is no graph service in front of the server",
  network: "there is no proxy in front of the server",
  disk: "the vault is not on a disk of its own, which takes root to mount",
};

class DefinedFault<Strength extends FaultStrength> implements Fault {
  readonly name: string;
  readonly strength: Strength;
  readonly #definition: FaultDefinition<Strength>;
  readonly #undo = new AsyncDisposableStack();
  #injecting: Promise<FaultProof> | undefined;
  #proof: FaultProof = () => ({ fired: false });
  #recovered: Promise<void> | undefined;

  constructor(definition: FaultDefinition<Strength>, strength: Strength) {
    this.#definition = definition;
    this.name = definition.name;
    this.strength = strength;
  }

  async available(context: FaultContext): Promise<string | undefined> {
    const lacking = this.#definition.needs.find((need) => context[need] === undefined);
    return lacking === undefined ? await this.#definition.unavailable?.(context) : missing[lacking];
  }

  async inject(context: FaultContext): Promise<void> {
    if (this.#injecting !== undefined || this.#recovered !== undefined)
      throw new Error(`the fault ${this.name} was injected before; each injection needs a fault of its own`);
    const { signal } = context;
    signal.throwIfAborted();
    const onAbort = (): void => void this.recover().catch(() => {});
    signal.addEventListener("abort", onAbort, { once: true });
    this.#undo.defer(() => signal.removeEventListener("abort", onAbort));
    this.#injecting = this.#definition.inject(context, this.strength, this.#undo);
    try {
      this.#proof = await this.#injecting;
    } catch (error) {
      await this.recover();
      throw error;
    }
  }

  record(): FaultRecord {
    const { fired, detail = {} } = this.#proof();
    return { fault: this.name, fired, detail: { ...this.strength, ...detail } };
  }

  recover(): Promise<void> {
    this.#recovered ??= this.#takeBack();
    return this.#recovered;
  }

  async #takeBack(): Promise<void> {
    // What is still being injected would otherwise be left.
    await this.#injecting?.catch(() => {});
    await this.#undo.disposeAsync();
  }
}
