// The faults of a network between a command and its server, through the proxy. Injected before the command starts, so that the
// seed breaks the same connection at the same byte again.
import { defineFault, type FaultKind } from "../fault.ts";
import { drawNetworkFault, type NetworkKind, networkKinds } from "../network/network-fault.ts";

const abouts: Readonly<Record<NetworkKind, string>> = {
  delay: "delays each piece of data of a connection",
  throttle: "limits the rate of a connection",
  stall: "lets nothing through a connection for a time, and then everything",
  "half-open": "lets nothing through a connection any more, without either side being told",
  cut: "ends a connection in order, at byte N",
  reset: "resets a connection, at byte N",
};

/** Sizes of the connections that a command makes: some of a few commands each, and one with the data. */
const traffic = [2000, 2000, 50_000].map((bytes) => ({ request: bytes / 2, answer: bytes }));

export const networkFaults: readonly FaultKind[] = networkKinds.map((kind) =>
  defineFault({
    name: `network-${kind}`,
    about: abouts[kind],
    needs: ["network"],
    injected: "before-start",
    strengthOf: (draw) => ({ ...drawNetworkFault(draw, kind, traffic) }),
    inject: async ({ network }, strength, undo) => {
      if (network === undefined) return () => ({ fired: false });
      const number = network.records().length;
      undo.defer(() => network.recover());
      network.inject(strength);
      return () => ({ fired: network.records()[number]?.fired ?? false });
    },
  }),
);
