// repro.sh: the shrunk case for a person, with redis-cli and, for a team's own system, its programs.
import { shellWord } from "../base/invocation.ts";
import { isOutside } from "../system/command/artifacts.ts";
import type { CommandSettings } from "../system/command/command-settings.ts";
import { contentStatements, operationStatement, schemaStatements } from "./case-cypher.ts";
import type { CheckQuery } from "./check-query.ts";
import type { CaseGraph, CaseOperation, ShrinkCase } from "./shrink-case.ts";
import type { ShrunkSystem } from "./shrunk-system.ts";

export interface ScriptInput {
  readonly sentence: string;
  readonly shrunk: ShrinkCase;
  readonly system: ShrunkSystem;
  readonly isEngine: boolean;
  readonly code: string;
  readonly check: { readonly query: CheckQuery; readonly expected: string; readonly actual: string } | undefined;
}

export const scriptLinesMax = 20;

export function scriptOf(input: ScriptInput): string {
  const { sentence, shrunk, check } = input;
  const settings = Object.entries(shrunk.server).map(([name, value]) => `${name}=${value}`);
  const source = 'redis-cli -e -u "$SOURCE"';
  const lines = [
    "#!/usr/bin/env bash",
    `# ${sentence}`,
    needsOf(input),
    ...(settings.length === 0 ? [] : [`# The servers run with ${settings.join(", ")}.`]),
    "set -euo pipefail",
    ...shrunk.graphs.flatMap((graph) => graphLines(graph, source)),
    ...shrunk.operations
      .filter((each) => each.kind !== "write" || each.afterMs === undefined)
      .map((each) => operationLine(each, source)),
    ...recoveryLines(input),
    ...checkLines(check, judgedServer(input)),
  ];
  return `${merged(lines).join("\n")}\n`;
}

function needsOf({ isEngine, system, code }: ScriptInput): string {
  if (code === "engine-wrote-otherwise") return "# SOURCE: redis URL of an empty FalkorDB.";
  if (isEngine)
    return "# SOURCE: redis URL of an empty FalkorDB. RESTART: a command that restarts it, as docker restart does.";
  if (system.programs === undefined)
    return "# SOURCE: redis URL of an empty FalkorDB. The system is part of falkordrill.";
  return "# SOURCE, TARGET: redis URLs of two empty FalkorDB; SOURCE_DATA, TARGET_DATA: their data folders; STOP, START: programs that stop and start TARGET.";
}

function graphLines(graph: CaseGraph, source: string): string[] {
  const constraints = graph.constraints.map(({ kind, entity, label, properties }) => {
    const words = [
      kind,
      entity === "node" ? "NODE" : "RELATIONSHIP",
      label,
      "PROPERTIES",
      properties.length,
      ...properties,
    ];
    return `${source} GRAPH.CONSTRAINT CREATE ${shellWord(graph.name)} ${words.join(" ")}`;
  });
  const statements = [...contentStatements(graph), ...schemaStatements(graph.indexes)];
  return [
    ...statements.map((text) => `${source} GRAPH.QUERY ${shellWord(graph.name)} ${shellText(text)}`),
    ...constraints,
  ];
}

function operationLine(operation: CaseOperation, source: string): string {
  if (operation.kind === "save") return `${source} SAVE`;
  return `${source} GRAPH.QUERY ${shellWord(operation.graph)} ${shellText(operationStatement(operation))}`;
}

/** Backup and restore. */
function recoveryLines({ isEngine, system, code, shrunk }: ScriptInput): string[] {
  if (code === "engine-wrote-otherwise") return [];
  const source = 'redis-cli -e -u "$SOURCE"';
  if (isEngine) return [`${source} SAVE`, "$RESTART"];
  const { programs } = system;
  if (programs === undefined) return ["# The backup and the restore: falkordrill shrink --replay replay.json"];
  const env = Object.entries(programs.env ?? {}).map(([name, value]) => `${name}=${shellWord(value)}`);
  const during = shrunk.operations.flatMap((each) =>
    each.kind === "write" && each.afterMs !== undefined
      ? [`(sleep ${(each.afterMs / 1000).toFixed(1)}; ${operationLine(each, source)}) &`]
      : [],
  );
  return [
    `cd ${shellWord(programs.cwd ?? ".")}`,
    "export FALKORDRILL_BACKUP_DIR=$(mktemp -d) FALKORDRILL_RESTORE_POINT=shrunk FALKORDRILL_SOURCE_URL=$SOURCE FALKORDRILL_SOURCE_DATA_DIR=$SOURCE_DATA",
    "export FALKORDRILL_TARGET_URL=$TARGET FALKORDRILL_TARGET_DATA_DIR=$TARGET_DATA FALKORDRILL_STOP_SERVER=$STOP FALKORDRILL_START_SERVER=$START",
    ...(env.length === 0 ? [] : [`export ${env.join(" ")}`]),
    ...during,
    programs.backup,
    ...(during.length === 0 ? [] : ["wait"]),
    ...pointLines(programs),
    programs.restore,
  ];
}

/** Which backup was made, as a drill sees it: the newest of the list; or the suggested name, or else the largest file. */
function pointLines({ list, artifacts }: CommandSettings): string[] {
  if (list !== undefined) return [`FALKORDRILL_RESTORE_POINT=$({ ${list}; } | tail -n 1)`];
  if (artifacts !== undefined && isOutside(artifacts)) return [];
  const suggested = `find "$FALKORDRILL_BACKUP_DIR" -name '*shrunk*'`;
  const largest = String.raw`find "$FALKORDRILL_BACKUP_DIR" -type f -printf '%s %P\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-`;
  return [`[ -n "$(${suggested})" ] || FALKORDRILL_RESTORE_POINT=$(${largest})`];
}

function judgedServer({ isEngine, code }: ScriptInput): string {
  return isEngine || code === "engine-wrote-otherwise" ? "$SOURCE" : "$TARGET";
}

const shownMax = 300;

function checkLines(check: ScriptInput["check"], server: string): string[] {
  if (check === undefined) return [];
  const { query, expected, actual } = check;
  const short = (text: string): string => (text.length > shownMax ? `${text.slice(0, shownMax)}...` : text);
  const [command, ...words] = query;
  const asked = [command, ...words.slice(0, -1).map(shellWord), ...words.slice(-1).map(shellText)].join(" ");
  return [`redis-cli -e -u "${server}" ${asked}`, `# expected: ${short(expected)}`, `# actual:   ${short(actual)}`];
}

/** Text as one word of a shell; line ends as escapes, so that a statement stays one line. */
function shellText(text: string): string {
  if (!/[\n\r\u2028\u2029]/.test(text)) return shellWord(text);
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", String.raw`\'`);
  return `$'${escaped.replaceAll("\n", String.raw`\n`).replaceAll("\r", String.raw`\r`)}'`;
}

/** Lines that do the same kind of thing share one, where there are too many of them. */
function merged(lines: readonly string[]): readonly string[] {
  if (lines.length <= scriptLinesMax) return lines;
  const result = [...lines];
  while (result.length > scriptLinesMax) {
    const at = result.findIndex((line, index) => isQuery(line) && isQuery(result[index + 1] ?? ""));
    if (at < 0) return result;
    result.splice(at, 2, `${result[at] ?? ""}; ${result[at + 1] ?? ""}`);
  }
  return result;
}

function isQuery(line: string): boolean {
  return line.startsWith('redis-cli -e -u "$SOURCE" GRAPH.');
}
