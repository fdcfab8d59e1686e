// What may go wrong on the way between two machines, and where: after byte N of one direction of connection K. A schedule
// is drawn from a seed, so the same seed breaks the same connection at the same byte again.
import type { Draw } from "../../../generators/random.ts";

export const networkKinds = ["delay", "throttle", "stall", "half-open", "cut", "reset"] as const;
export type NetworkKind = (typeof networkKinds)[number];

export interface NetworkFault {
  readonly kind: NetworkKind;
  /** Number of the connection, from 1; without one, every connection from the moment of injection on. */
  readonly connection?: number;
  /** Bytes of the direction that pass before it happens. */
  readonly atByte: number;
  /** `answer`: counted are the bytes from the server. */
  readonly direction: "request" | "answer";
  /** Milliseconds that each piece of data is late (delay), or that nothing passes (stall). */
  readonly ms?: number;
  /** Rate of a throttled connection. */
  readonly bytesPerSecond?: number;
}

/** Bytes of each connection that a command makes, by direction, when nothing breaks. */
export type Traffic = readonly Readonly<Record<NetworkFault["direction"], number>>[];

/**
 * Breaks one of the connections that `traffic` holds. Bytes are drawn evenly over their orders of magnitude: greetings
 * are as likely to be hit as data.
 */
export function drawNetworkFault(draw: Draw, kind: NetworkKind, traffic: Traffic): NetworkFault {
  const connection = 1 + draw.below(traffic.length);
  const direction = draw.pick(["request", "answer"] as const);
  const bytes = traffic[connection - 1]?.[direction] ?? 0;
  const place = { kind, connection, direction, atByte: Math.floor((bytes + 1) ** draw.unit()) - 1 };
  switch (kind) {
    case "delay":
      return { ...place, ms: 1 + draw.below(20) };
    case "stall":
      return { ...place, ms: 1 + draw.below(500) };
    case "throttle":
      return { ...place, bytesPerSecond: 2 ** (14 + draw.below(6)) };
    default:
      return place;
  }
}

export function describeNetworkFault({
  kind,
  connection,
  atByte,
  direction,
  ms,
  bytesPerSecond,
}: NetworkFault): string {
  const where = connection === undefined ? "every connection" : `connection ${connection}`;
  const strength = [
    ms === undefined ? "" : ` of ${ms} ms`,
    bytesPerSecond === undefined ? "" : ` to ${bytesPerSecond} B/s`,
  ];
  return `${kind}${strength.join("")} of ${where} after byte ${atByte} of its ${direction}s`;
}
