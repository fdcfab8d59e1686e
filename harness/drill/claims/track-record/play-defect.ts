// Plays a recorded defect on an empty server and compares what it does with the record.
import { DrillError } from "../../../base/errors.ts";
import { overOneConnection, waitFor } from "../../../base/wait.ts";
import type { Engine } from "../../../engine/engine.ts";
import { EngineEndedError } from "../../../engine/load-failure.ts";
import { connect, type Connection, NoAnswerError } from "../../../falkordb/client/connection.ts";
import { isReplyError } from "../../../falkordb/client/reply.ts";
import type { Drill } from "../../drill.ts";
import { recordDefect } from "./defect.ts";
import { ends, type RecordedDefect, silent, type Step } from "./recorded-defect.ts";

const answerTimeoutMs = 20_000;
/** A server that lost a connection either ends or answers within this time. */
const aliveTimeoutMs = 5000;
/** A server that hangs forever is not waited for longer. */
const silenceMs = 3000;

export async function playDefect(drill: Drill, defect: RecordedDefect): Promise<void> {
  const { engines, signal, record, progress } = drill;
  if (engines.kind === "external") {
    record.notCovered("a defect of the engine is played on a server that may end, so not on one that others use");
    return;
  }
  const { isLogged = false, moduleArgs = {}, what, right, wrong } = defect;
  progress.step(what);
  await using engine = await engines.start({
    name: "source",
    signal,
    ...(isLogged && { redisConfig: { appendonly: "yes" } }),
    moduleArgs: { EFFECTS_THRESHOLD: "0", ...moduleArgs },
  });
  const versions = await engine.versions();
  const answer = await answerOf(engine, defect, signal);
  if (answer !== right && answer !== wrong)
    throw new DrillError(`it answers ${answer}; a correct server answers ${right}, by our record it is ${wrong}`, {
      exit: "inconclusive",
    });
  await recordDefect(drill, { versions: () => Promise.resolve(versions) }, defect, answer === wrong);
}

/** Answer to the last step, or what happened to the server. */
async function answerOf(engine: Engine, { steps, wrong }: RecordedDefect, signal: AbortSignal): Promise<string> {
  let answer = "";
  try {
    for (const step of steps) {
      await using connection = await connect(engine.endpoint, {
        commandTimeoutMs: wrong === silent ? silenceMs : answerTimeoutMs,
        signal,
      });
      answer = await take(step, engine, connection);
    }
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NoAnswerError) return silent;
    if (isReplyError(error)) throw error;
    const cause: unknown =
      error instanceof EngineEndedError
        ? error
        : await engine.ready("loaded", aliveTimeoutMs).catch((reason: unknown) => reason);
    if (!(cause instanceof EngineEndedError) || cause.blamed === "machine") throw error;
    return ends;
  }
}

async function take(step: Step, engine: Engine, connection: Connection): Promise<string> {
  if (typeof step === "string") return await run(connection, step);
  if ("restartFrom" in step) {
    if (step.restartFrom === "dump") await connection.command("SAVE");
    await engine.restart();
    return "";
  }
  if ("refused" in step) return await refused(connection, step.refused);
  if ("during" in step) return await runDuring(step, engine, connection);
  const dump = await connection.commandBuffer("DUMP", "g");
  await connection.command("RESTORE", step.restored, 0, dump as Buffer, ...(step.replace === true ? ["REPLACE"] : []));
  return "";
}

async function run(connection: Connection, line: string): Promise<string> {
  const [name = "", ...args] = wordsOf(line);
  const reply = await connection.command(name, ...args);
  if (/^GRAPH.CONSTRAINT|CREATE INDEX/.test(line)) await untilInForce(connection);
  const [, rows] = name === "GRAPH.QUERY" ? (reply as unknown[]) : [undefined, reply];
  return JSON.stringify(rows ?? reply);
}

/** Runs a command as soon as the server works on a query of another client, and waits for that query. */
async function runDuring(
  { during, command }: Extract<Step, { during: string }>,
  engine: Engine,
  connection: Connection,
): Promise<string> {
  await using other = await connect(engine.endpoint, { commandTimeoutMs: answerTimeoutMs });
  const [slow] = await Promise.allSettled([
    run(other, during),
    (async () => {
      const isRunning = async (): Promise<true | undefined> =>
        /UNWIND/.test(JSON.stringify(await connection.command("GRAPH.INFO"))) || undefined;
      await waitFor(isRunning, { what: "the query to run", timeoutMs: answerTimeoutMs, exit: "inconclusive" });
      await run(connection, command);
    })(),
  ]);
  if (slow.status === "rejected") throw slow.reason;
  return slow.value;
}

/** Waits until no index or constraint is under construction. */
async function untilInForce(connection: Connection): Promise<void> {
  const isInForce = async (): Promise<true | undefined> => {
    for (const kind of ["indexes", "constraints"]) {
      const { rows } = await connection.roQuery("g", `CALL db.${kind}() YIELD status RETURN status`);
      if (rows.some(([status]) => status !== "OPERATIONAL")) return undefined;
    }
    return true;
  };
  const what = "the index or constraint";
  await waitFor(overOneConnection(isInForce), { what, timeoutMs: answerTimeoutMs, exit: "inconclusive" });
}

async function refused(connection: Connection, line: string): Promise<string> {
  try {
    await run(connection, line);
  } catch (error) {
    if (isReplyError(error)) return error.message;
    throw error;
  }
  throw new DrillError(`the query was to fail and did not: ${line}`, { exit: "inconclusive" });
}

/** Splits as redis-cli does; only double quotes are used. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/"([^"]*)"|\S+/g), ([word, quoted]) => quoted ?? word);
}
