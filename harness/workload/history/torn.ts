// Where Graphiti's sequence of queries for one episode was cut. Each of the eight queries is atomic and they run in
// order, so a torn episode consists of a prefix of the sequence; anything else is a state that never existed.
import { type EpisodeMessage, uuidOf } from "../../../generators/writes/episode-message.ts";

export interface TornContext {
  readonly present: ReadonlySet<string>;
  /** Entities that have only the first of their labels; before #1856 each label was a separate query. */
  readonly halfLabelled: ReadonlySet<string>;
  /** The last episode that each saga names, by the saga's uuid. */
  readonly sagaEnds: Readonly<Record<string, string>> | undefined;
  /** Whether an earlier write of the same writer, and one of the same saga, had created their shared nodes. */
  readonly hasHub: boolean;
  readonly hasSaga: boolean;
  /** Whether the preceding episode of the saga is present, so that the link from it can be. */
  readonly hasPrevious: boolean;
}

interface Query {
  /** Query names by Graphiti's role: W1 the episode, W2 the entities, W3 mentions, W4 facts, W5 to W8 the saga. */
  readonly name: string;
  /** Undefined if partly present, which no cut between queries leaves. */
  readonly done: boolean | undefined;
}

/** The last query that ran before the cut, such as `W3`; undefined if no cut leaves this content. */
export function lastQueryDone(message: EpisodeMessage, context: TornContext): string | undefined {
  const queries = [...queriesOf(message, context)];
  const done = queries.findLastIndex((query) => query.done === true);
  if (done < 0 || queries.some((query) => query.done === undefined)) return undefined;
  return queries.slice(0, done).every((query) => query.done === true) ? queries[done]?.name : undefined;
}

function* queriesOf(message: EpisodeMessage, context: TornContext): Generator<Query> {
  const { present, halfLabelled, sagaEnds } = context;
  const has = (uuid: string): boolean => present.has(uuid);
  yield { name: "W1", done: has(message.uuid) };
  const entities = context.hasHub ? message.entities.slice(1) : message.entities;
  for (const { type, properties } of entities) {
    const uuid = uuidOf(properties);
    yield { name: "W2", done: has(uuid) };
    if (type !== undefined && message.schema === "pre1856")
      yield { name: "W2", done: has(uuid) && !halfLabelled.has(uuid) };
  }
  yield { name: "W3", done: allOrNone(message.mentions.map(({ properties }) => has(uuidOf(properties)))) };
  yield { name: "W4", done: allOrNone(message.facts.map((fact) => has(uuidOf(fact)))) };
  const { saga } = message;
  if (saga === undefined) return;
  if (!context.hasSaga) yield { name: "W5", done: has(saga.uuid) };
  if (saga.previous !== undefined && context.hasPrevious)
    yield { name: "W6", done: has(uuidOf(saga.previous.properties)) };
  yield { name: "W7", done: has(uuidOf(saga.hasEpisode)) };
  yield { name: "W8", done: sagaEnds?.[saga.uuid] === message.uuid };
}

function allOrNone(parts: readonly boolean[]): boolean | undefined {
  const there = parts.filter((isThere) => isThere).length;
  return there === 0 ? false : there === parts.length ? true : undefined;
}
