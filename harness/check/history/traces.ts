// Compares the traces of writes with the history: no write is there twice, and none that was never made.
import type { Judgement } from "../check.ts";
import { includes, type KindObservation, momentFinding, numbersOf, type Ranges } from "./moment.ts";

const samples = 10;

/** `known` holds the writes of the history to this graph, per writer. */
export function judgeTraces(observation: KindObservation, known: ReadonlyMap<string, Ranges>): Judgement {
  const { graph, traces, twice } = observation;
  const phantoms: { writer: string; sequence: number }[] = [];
  let traced = 0;
  for (const [writer, ranges] of Object.entries(traces)) {
    const its = known.get(writer) ?? [];
    for (const sequence of numbersOf(ranges)) {
      traced += 1;
      if (!includes(its, sequence)) phantoms.push({ writer, sequence });
    }
  }
  const findings = [];
  const [phantom] = phantoms;
  if (phantom !== undefined) {
    const message = `write ${phantom.sequence} of ${phantom.writer} is there, and the history has no such write`;
    const evidence = { count: phantoms.length, writes: phantoms.slice(0, samples) };
    findings.push(momentFinding("write-phantom", `${graph}/${phantom.writer}/${phantom.sequence}`, message, evidence));
  }
  const [again] = twice;
  if (again !== undefined) {
    const message = `write ${again[1]} of ${again[0]} is there more than once`;
    const evidence = { count: twice.length, writes: twice.slice(0, samples) };
    findings.push(momentFinding("write-twice", `${graph}/${again[0]}/${again[1]}`, message, evidence));
  }
  return { findings, witnesses: { tracesRead: traced } };
}
