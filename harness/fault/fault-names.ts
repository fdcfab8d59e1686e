// The names of all faults, for flags that take one; the faults themselves are in faults.ts.

export const faultNames = [
  "kill-engine",
  "stop-engine",
  "kill-command",
  "stop-command",
  "kill-service",
  "stop-service",
  "network-delay",
  "network-throttle",
  "network-stall",
  "network-half-open",
  "network-cut",
  "network-reset",
  "disk-full",
  "disk-read-only",
  "disk-errors",
  "disk-slow",
  "engine-memory",
  "engine-address-space",
  "engine-descriptors",
  "command-descriptors",
  "cpu-starvation",
  "clock-forward",
  "clock-back",
] as const;
export type FaultName = (typeof faultNames)[number];
