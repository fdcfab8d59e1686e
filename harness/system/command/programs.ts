// The programs of a command system: their environment, and what each way of ending means.
import { serverUrl } from "../../base/endpoint.ts";
import { foreignEnvironment } from "../../base/environment.ts";
import { DrillError } from "../../base/errors.ts";
import { formatBytes } from "../../base/units.ts";
import type { FindingCode } from "../../base/findings/finding-codes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { SystemContext } from "../system.ts";
import { type CommandSettings, timeoutDefault } from "./command-settings.ts";
import { OutputTail } from "./output-tail.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";
import type { ServerControl } from "./server-control.ts";

export type Verb = "backup" | "restore" | "list" | "verify" | "prune";

export interface ProgramRequest {
  readonly source?: Engine | undefined;
  readonly target?: Engine | undefined;
  readonly control?: Pick<ServerControl, "stop" | "start"> | undefined;
  readonly point?: string;
  readonly signal: AbortSignal;
}

interface ProgramsSetup {
  readonly settings: CommandSettings;
  readonly cwd: string;
  readonly context: SystemContext;
  readonly timeoutMs: number;
}

const charactersQuoted = 300;
const charactersKept = 4000;

export class Programs {
  readonly #system: string;
  readonly #setup: ProgramsSetup;

  constructor(system: string, setup: ProgramsSetup) {
    this.#system = system;
    this.#setup = setup;
  }

  /** Runs a program that must succeed. Throws a `DrillError` (`notRecovered`) if it does not. */
  async run(verb: Verb, request: ProgramRequest): Promise<ProgramResult> {
    const result = await this.attempt(verb, request);
    if (result.status === 0) return result;
    const how = result.status === undefined ? "was ended by a signal" : `ended with status ${result.status}`;
    throw this.#failure(verb, "script-failed", how, result);
  }

  /** Runs a program whose exit status the caller judges. Throws only if it did not end in time. */
  async attempt(verb: Verb, request: ProgramRequest): Promise<ProgramResult> {
    const { settings, cwd, timeoutMs } = this.#setup;
    const line = settings[verb];
    if (line === undefined) throw new Error(`the ${this.#system} system has no program for ${verb}`);
    const env = this.#environment(request);
    const raw = await runProgram({ line, cwd, env, timeoutMs, signal: request.signal });
    const secrets = this.#secrets(request);
    const hidden = (text: string): string => masked(text, secrets);
    // Standard output holds the ids of a list, which the programs get back as they wrote them.
    const result = { ...raw, stderr: hidden(raw.stderr), output: hidden(raw.output) };
    this.#noteLeftovers(verb, result);
    if (!result.timedOut) return result;
    const limit = settings.timeout ?? timeoutDefault;
    throw this.#failure(verb, "script-timed-out", `was still running after ${limit}`, result);
  }

  #environment({ source, target, control, point }: ProgramRequest): Record<string, string | undefined> {
    const subject = target ?? source;
    return {
      ...foreignEnvironment(),
      // redis-cli reads the password from here, also without a URL.
      REDISCLI_AUTH: subject?.endpoint.password,
      ...this.#setup.settings.env,
      FALKORDRILL_BACKUP_DIR: this.#setup.context.folder,
      FALKORDRILL_RESTORE_POINT: point,
      FALKORDRILL_SOURCE_URL: source && urlOf(source),
      FALKORDRILL_SOURCE_DATA_DIR: source?.dataDir,
      FALKORDRILL_TARGET_URL: target && urlOf(target),
      FALKORDRILL_TARGET_DATA_DIR: target?.dataDir,
      FALKORDRILL_CONTAINER: subject?.container,
      FALKORDRILL_STOP_SERVER: control?.stop,
      FALKORDRILL_START_SERVER: control?.start,
    };
  }

  /** Passwords of the servers and of URLs in the environment, and values whose names say that they are secret. */
  #secrets({ source, target }: ProgramRequest): readonly string[] {
    const passwords = [source?.endpoint.password, target?.endpoint.password];
    const own = Object.entries({ ...foreignEnvironment(), ...this.#setup.settings.env }).flatMap(
      ([name, value = ""]) => {
        if (/pass|_pwd|secret|token|key|auth|credential/i.test(name)) return value.split("\n").concat(value);
        return Array.from(value.matchAll(/:\/\/[^\s/:@]*:([^\s/@]+)@/g), ([, password = ""]) => password);
      },
    );
    // The longest first, because one may hold another.
    return [...passwords, ...own]
      .flatMap((secret = "") => (secret.length < secretLengthMin ? [] : [secret]))
      .toSorted((a, b) => b.length - a.length);
  }

  #noteLeftovers(verb: Verb, { leftovers, outputBytes }: ProgramResult): void {
    const { note } = this.#setup.context;
    if (leftovers.length > 0) {
      const names = [...new Set(leftovers.map(({ name }) => name))];
      const message = `the ${verb} program of the ${this.#system} system left ${names.join(", ")} running; it was ended`;
      note?.({
        code: "script-left-processes",
        severity: "warning",
        subject: verb,
        message,
        evidence: { processes: leftovers.slice(0, leftoversShown), count: leftovers.length },
      });
    }
    if (outputBytes <= OutputTail.bytesMax) return;
    const message =
      `the ${verb} program of the ${this.#system} system wrote ${formatBytes(outputBytes)} of output; ` +
      `only the last ${formatBytes(OutputTail.bytesMax)} were kept`;
    note?.({ code: "script-output-cut", severity: "info", subject: verb, message, evidence: { outputBytes } });
  }

  #failure(verb: Verb, code: FindingCode, how: string, { status, stderr, output }: ProgramResult): DrillError {
    const program = this.#setup.settings[verb] ?? "";
    return new DrillError(
      `the ${verb} program of the ${this.#system} system ${how}${lastLine(stderr.trim() === "" ? output : stderr)}`,
      {
        exit: "notRecovered",
        code,
        evidence: { program, status, output: output.slice(-charactersKept) },
        hint: `Read the end of its output in the report, or run it by hand: ${program} (in ${this.#setup.cwd})`,
      },
    );
  }
}

/** Shorter values, such as "true", are in every output. */
const secretLengthMin = 6;
const leftoversShown = 10;

function urlOf({ endpoint }: Engine): string {
  return serverUrl(endpoint, { withPassword: true });
}

function masked(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((all, secret) => all.replaceAll(secret, "***"), text);
}

/** The last line usually holds the reason. */
function lastLine(output: string): string {
  const line = output.split("\n").findLast((each) => each.trim() !== "");
  return line === undefined ? ", and wrote nothing" : `: ${line.trim().slice(0, charactersQuoted)}`;
}
