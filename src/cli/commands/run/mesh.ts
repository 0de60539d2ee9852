import { usualMessagesPerPeer, usualPeers } from "../../../contracts/load/peer-events.ts";
import type { Command, CommandRequest } from "../../terminal/context.ts";
import { runBenchmark } from "./benchmark.ts";

const usualDurationSecs = 60;

/** `mesh`: `benchmark` of peers that write and read messages, with defaults of its own. */
export const runMesh: Command = (request, context, backend) => {
  const { given, variation } = request;
  const points = variation?.points.map((point) => ({ ...point, given: withDefaults(point.given) }));
  const asked = {
    ...request,
    given: withDefaults(given),
    ...(variation && points && { variation: { ...variation, points } }),
  };
  return runBenchmark(asked, context, backend);
};

function withDefaults(given: CommandRequest["given"]): CommandRequest["given"] {
  const usual = (name: string, value: unknown) => ({ name, value, rank: 3 });
  const peers = given.committee ?? usual("peers", usualPeers);
  const loads = usual("loads", [usualMessagesPerPeer * (Number(peers.value) || usualPeers)]);
  return {
    ...given,
    protocol: given.protocol ?? usual("protocol", "mesh"),
    committee: peers,
    loads: given.loads ?? loads,
    duration: given.duration ?? usual("duration", usualDurationSecs),
  };
}
