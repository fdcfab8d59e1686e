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

/** Bounds of a schedule. */
export interface NetworkBounds {
  readonly connectionMax: number;
  readonly bytesMax: number;
  /** Longest pause of a stall that is to be survived. */
  readonly stallMsMax: number;
}

/** Bytes are drawn evenly over their orders of magnitude: greetings are as likely to be hit as data. */
export function drawNetworkFault(draw: Draw, kind: NetworkKind, bounds: NetworkBounds): NetworkFault {
  const place = {
    kind,
    connection: 1 + draw.below(bounds.connectionMax),
    direction: draw.pick(["request", "answer"] as const),
    atByte: Math.floor((bounds.bytesMax + 1) ** draw.unit()) - 1,
  };
  switch (kind) {
    case "delay":
      return { ...place, ms: 1 + draw.below(20) };
    case "stall":
      return { ...place, ms: 1 + draw.below(bounds.stallMsMax) };
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
