// The compact reply of a graph query: every value comes with its type, so that 1.0, "1.0" and [1.0] stay apart.
import { DrillError } from "../../base/errors.ts";

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

export interface QueryResult {
  readonly columns: string[];
  readonly rows: Value[][];
  /** The lines of statistics, such as "Nodes created: 3". */
  readonly statistics: string[];
}

/** An error reply of the server. After any other error of a client it is unknown whether the command was executed. */
export function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === replyErrorName;
}
const replyErrorName = "ReplyError";

/**
 * Matches errors of the query itself, whatever the server holds: syntax, arguments, undefined names, in the wording of
 * Redis and of FalkorDB 4.16. A missing function or procedure is not among them: it depends on the server.
 */
export function isMalformed(answer: string): boolean {
  return malformed.some((pattern) => pattern.test(answer));
}

const malformed: readonly RegExp[] = [
  /\bERR syntax error/,
  /\bERR wrong number of arguments/,
  /\berrMsg: Invalid input/,
  /'[^']+' not defined/,
  /\bMissing parameters/,
  /\bReceived \d+ arguments to function/,
  /\bProcedure `[^`]+` requires \d+ arguments/,
  /\bis to be executed only on read-only queries/,
];

/** An error reply of the server, as the client library represents it. */
export function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: replyErrorName });
}

/** Types of the values of a compact reply. */
export const valueTypes = {
  null: 1,
  string: 2,
  integer: 3,
  boolean: 4,
  double: 5,
  array: 6,
  edge: 7,
  node: 8,
  path: 9,
  map: 10,
  point: 11,
  vector: 12,
} as const;

export function decodeReply(reply: unknown): QueryResult {
  const parts = reply as unknown[];
  if (parts.length < 3) return { columns: [], rows: [], statistics: (parts.at(-1) ?? []) as string[] };
  const [header, rows, statistics] = parts as [[number, string][], [number, unknown][][], string[]];
  return {
    columns: header.map(([, name]) => name),
    rows: rows.map((row) => row.map(([type, value]) => decodeValue(type, value))),
    statistics,
  };
}

function decodeValue(type: number, value: unknown): Value {
  switch (type) {
    case valueTypes.null:
      return null;
    case valueTypes.string:
      return value as string;
    case valueTypes.boolean:
      return value === "true";
    case valueTypes.array:
      return (value as [number, unknown][]).map(([itemType, item]) => decodeValue(itemType, item));
    case valueTypes.map:
      return decodeMap(value as unknown[]);
    case valueTypes.point:
      return { latitude: Number((value as string[])[0]), longitude: Number((value as string[])[1]) };
    case valueTypes.vector:
      return (value as string[]).map(Number);
    case valueTypes.edge:
    case valueTypes.node:
    case valueTypes.path:
      throw new DrillError("a query returned a whole node, edge or path; return its properties instead", {
        exit: "internal",
      });
    default: // Integers, doubles, and the temporal types, which are numbers of seconds.
      return Number(value);
  }
}

function decodeMap(flat: unknown[]): Value {
  const map: Record<string, Value> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [type, value] = flat[index + 1] as [number, unknown];
    map[flat[index] as string] = decodeValue(type, value);
  }
  return map;
}
