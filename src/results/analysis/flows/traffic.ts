/** What passed the interfaces of hosts in the window, from their counters. Pure. */
import type { InterfacesEvent } from "../../../contracts/load/flow-events.ts";
import type { InterfaceTraffic } from "../../../contracts/results/native/flow-hosts.ts";
import type { HostRecord } from "./record.ts";
import { type FlowWindow, timeOf } from "./timed-flow.ts";

type Counts = readonly [
  receivedBytes: number,
  receivedPackets: number,
  sentBytes: number,
  sentPackets: number,
];

/** Increases from one look to the next; those across an edge of the window count by their part in it. */
export function interfaceTraffic(hosts: readonly HostRecord[], window: FlowWindow): InterfaceTraffic[] {
  return hosts.flatMap(({ name: host, counters }) => {
    const sums = new Map<string, number[]>();
    counters.slice(1).forEach((after, place) => {
      const before = counters[place] as InterfacesEvent;
      const share = shareInWindow([timeOf(window, host, before.at), timeOf(window, host, after.at)], window);
      if (share === 0) return;
      const known = new Map(before.counters.map(([name, ...counts]) => [name, counts]));
      for (const [name, ...counts] of after.counters) {
        const earlier = known.get(name);
        // Of an interface that was made anew nobody knows what it counted before.
        if (earlier === undefined || counts.some((count, at) => count < (earlier[at] as number))) continue;
        const sum = sums.get(name) ?? [0, 0, 0, 0];
        sums.set(
          name,
          sum.map((total, at) => total + share * ((counts[at] as number) - (earlier[at] as number))),
        );
      }
    });
    return [...sums].map(([name, sum]) => {
      const [receivedBytes, receivedPackets, sentBytes, sentPackets] = sum.map(
        Math.round,
      ) as unknown as Counts;
      return { host, name, receivedBytes, receivedPackets, sentBytes, sentPackets };
    });
  });
}

function shareInWindow([fromMs, toMs]: readonly [number, number], { lengthSecs }: FlowWindow): number {
  const overlapMs = Math.min(toMs, lengthSecs * 1000) - Math.max(fromMs, 0);
  return overlapMs > 0 ? overlapMs / (toMs - fromMs) : 0;
}
