// The only client connection to FalkorDB: a thin layer on ioredis with a deadline for connecting, no silent
// reconnects (a drill must notice when an engine crashes), and errors that name the engine.
import { Redis } from "ioredis";
import { endedBy } from "../../base/deadline.ts";
import { address, type Endpoint } from "../../base/endpoint.ts";
import { DrillError, environmentError, errorMessage } from "../../base/errors.ts";
import { type Parameter, withParameters } from "./parameters.ts";
import { explainedAnswer } from "./refused.ts";
import { decodeReply, type QueryResult, isReplyError } from "./reply.ts";
import { tlsOptions, unreachable } from "./socket.ts";

type Argument = string | number | Buffer;
type Parameters = Readonly<Record<string, Parameter>>;
export type Command = readonly [name: string, ...args: Argument[]];

export interface ConnectOptions {
  /** Deadline for connecting and authenticating. */
  readonly timeoutMs?: number;
  /** Deadline for each answer; by default a command may take as long as it needs. */
  readonly commandTimeoutMs?: number;
  /** Client name shown in the server's CLIENT LIST. */
  readonly name?: string;
  /** Closes the connection when it is aborted; commands in flight reject. */
  readonly signal?: AbortSignal;
}

/** Replies are those of RESP2: strings, numbers, null, arrays. A reply that is an error rejects with that error. */
export interface Connection extends AsyncDisposable {
  readonly endpoint: Endpoint;
  command(name: string, ...args: Argument[]): Promise<unknown>;
  /** Sends a command and returns its reply with Buffers in place of strings. */
  commandBuffer(name: string, ...args: Argument[]): Promise<unknown>;
  /** Sends all at once; each result is a reply, or the Error that the server answered with. */
  pipeline(commands: readonly Command[]): Promise<unknown[]>;
  query(graph: string, cypher: string, parameters?: Parameters): Promise<QueryResult>;
  roQuery(graph: string, cypher: string, parameters?: Parameters): Promise<QueryResult>;
  /** Graph names from GRAPH.LIST. */
  graphs(): Promise<string[]>;
  /** Fields of INFO, as name -> text. */
  info(section?: string): Promise<Record<string, string>>;
  /** Ends the connection at once; commands in flight reject. */
  close(): void;
}

/** Thrown when a command's deadline has passed; its effect on the server is unknown. */
export class NoAnswerError extends DrillError {
  override readonly name = "NoAnswerError";

  constructor(message: string) {
    super(message, { exit: "environment" });
  }
}

/** The message of ioredis when `commandTimeout` has passed. */
const timedOut = "Command timed out";

export async function connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<Connection> {
  const { timeoutMs = 10_000, commandTimeoutMs, name, signal } = options;
  signal?.throwIfAborted();
  const secure = tlsOptions(endpoint);
  const redis = new Redis({
    ...(endpoint.path === undefined ? { host: endpoint.host, port: endpoint.port } : { path: endpoint.path }),
    ...(secure === undefined ? {} : { tls: secure }),
    ...(endpoint.username === undefined ? {} : { username: endpoint.username }),
    ...(endpoint.password === undefined ? {} : { password: endpoint.password }),
    ...(name === undefined ? {} : { connectionName: name }),
    ...(commandTimeoutMs === undefined ? {} : { commandTimeout: commandTimeoutMs }),
    protocol: 2,
    lazyConnect: true,
    connectTimeout: timeoutMs,
    // ready(engine) decides what ready means; a connection to a loading engine is wanted there.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    noDelay: true,
  });
  let lastError: unknown;
  redis.on("error", (error: unknown) => {
    lastError = error;
  });
  if (signal !== undefined) closeAtEnd(redis, signal);
  try {
    await withDeadline(authenticate(redis, endpoint), timeoutMs);
  } catch (error) {
    redis.disconnect();
    throw unreachable(endpoint, inOwnWords(lastError ?? error, timeoutMs));
  }
  return wrap(redis, endpoint, commandTimeoutMs);
}

function closeAtEnd(redis: Redis, signal: AbortSignal): void {
  const close = (): void => redis.disconnect();
  signal.addEventListener("abort", close, { once: true });
  redis.once("end", () => signal.removeEventListener("abort", close));
}

/** ioredis reports a refused password only as an event, so this sends a command whose reply shows it. */
async function authenticate(redis: Redis, endpoint: Endpoint): Promise<void> {
  await redis.connect();
  if (endpoint.password !== undefined) {
    await redis.call("AUTH", ...(endpoint.username === undefined ? [] : [endpoint.username]), endpoint.password);
  }
}

/** The library has timers of its own, which may fire before the deadline on a busy machine. */
function inOwnWords(error: unknown, timeoutMs: number): unknown {
  const isTimeout = [timedOut, "connect ETIMEDOUT"].includes(errorMessage(error));
  return isTimeout ? new Error(`no answer within ${timeoutMs} ms`) : error;
}

async function withDeadline(work: Promise<void>, timeoutMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
  try {
    await endedBy(work, deadline, 0);
  } catch (error) {
    throw error === deadline.reason ? new Error(`no answer within ${timeoutMs} ms`) : error;
  }
}

function wrap(redis: Redis, endpoint: Endpoint, timeoutMs: number | undefined): Connection {
  const explained = (error: unknown, name: string): Error => {
    if (isReplyError(error)) return explainedAnswer(error, endpoint);
    if (errorMessage(error) !== timedOut) return lost(endpoint, error);
    return new NoAnswerError(`no answer within ${timeoutMs} ms to ${name} from FalkorDB at ${address(endpoint)}`);
  };
  const explain = (name: string) => (error: unknown) => {
    throw explained(error, name);
  };
  const command = (name: string, ...args: Argument[]): Promise<unknown> =>
    redis.call(name, ...args).catch(explain(name));
  const graphQuery = async (
    name: string,
    graph: string,
    cypher: string,
    parameters: Parameters | undefined,
    ...limits: readonly string[]
  ): Promise<QueryResult> =>
    decodeReply(await command(name, graph, withParameters(cypher, parameters), "--compact", ...limits));
  return {
    endpoint,
    command,
    commandBuffer: (name, ...args) => redis.callBuffer(name, ...args).catch(explain(name)),
    pipeline: async (commands) => {
      const results = await redis.pipeline(commands.map(([name, ...args]) => ["call", name, ...args])).exec();
      if (results === null) throw lost(endpoint, new Error("the pipeline was dropped"));
      return results.map(([error, reply], index) => {
        if (error === null) return reply;
        const reason = explained(error, commands[index]?.[0] ?? "a command");
        if (isReplyError(error)) return reason;
        throw reason;
      });
    },
    query: (graph, cypher, parameters) => graphQuery("GRAPH.QUERY", graph, cypher, parameters),
    // Read-only queries are not bound by the server's TIMEOUT or TIMEOUT_DEFAULT; TIMEOUT_MAX still applies.
    roQuery: (graph, cypher, parameters) => graphQuery("GRAPH.RO_QUERY", graph, cypher, parameters, "timeout", "0"),
    graphs: async () => (await command("GRAPH.LIST")) as string[],
    info: async (section) => parseInfo(String(await command("INFO", ...(section === undefined ? [] : [section])))),
    close: () => redis.disconnect(),
    [Symbol.asyncDispose]: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

function lost(endpoint: Endpoint, error: unknown): Error {
  return environmentError(`lost the connection to FalkorDB at ${address(endpoint)}: ${errorMessage(error)}`);
}

function parseInfo(text: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) fields[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return fields;
}
