// FalkorDB keeps a log of the last queries of each graph as a stream beside it, for half an hour: it also grows by
// reading, and the log of a graph that is gone may still be written. No content of anybody.

export function queryLogOf(graph: string): string {
  return `telemetry{${graph}}`;
}

export function isQueryLog(key: string): boolean {
  return /^telemetry\{.*\}$/s.test(key);
}
