/** A description with what was chosen of it: one network, and the flows that go through it. */
import { resolve } from "node:path";
import { isOfUser } from "../../contracts/load/flow-events.ts";
import type { PlannedFlow } from "../../contracts/load/flows.ts";
import type { NodeLoad } from "../../contracts/load/node-load.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { parseQuantity, payloadSize } from "../../core/quantity.ts";
import { embedded } from "./networks.ts";
import type { FlowEntry, FlowsFile, NetworkEntry } from "./schema.ts";

/** What a description comes to with its options. */
export interface Scenario {
  readonly file: FlowsFile;
  /** Name of the network that was chosen. */
  readonly network: string;
}

export function networkOf({ file, network }: Scenario): NetworkEntry {
  const found = file.networks[network];
  if (found === undefined) throw new InvalidArgumentError(`There is no network ${network}.`);
  return typeof found === "string" ? embedded[found] : found;
}

/** As they go through the chosen network. */
export function flowsOf(scenario: Scenario): readonly FlowEntry[] {
  const { flows: others = {} } = networkOf(scenario);
  return scenario.file.flows.map((flow) => ({ ...flow, ...others[flow.name] }));
}

const usualSizes = {
  udp: 200,
  tcp: 1000,
  video: 4000,
  iperf3: 128_000,
  program: 1000,
  native: 1000,
} as const;

export function plannedFlows(scenario: Scenario, load: Pick<NodeLoad, "rateTps"> | undefined): PlannedFlow[] {
  return flowsOf(scenario).map(({ name, from, to, kind = "udp", rate, size, reflect = false }) => {
    const parsed = parseQuantity(size, payloadSize);
    // Datagrams without a rate of their own come at that of the load; a stream without one is as fast as goes.
    const asked = rate ?? (kind === "udp" ? "load" : undefined);
    const perSec = asked === "load" ? (load?.rateTps ?? 1) : Number.parseFloat(asked ?? "");
    return {
      ...{ name, kind, from, to, reflects: reflect },
      ...(Number.isNaN(perSec) ? {} : { perSec }),
      sizeBytes: "value" in parsed ? parsed.value : usualSizes[kind],
    };
  });
}

/** Every command that hosts start of a description, of the chosen network and of flows. */
export function commandsOf(scenario: Scenario): readonly (readonly string[])[] {
  const { daemons = [], "set-up": setUp = [] } = networkOf(scenario);
  const ends = flowsOf(scenario).flatMap(({ kind, send = [], receive = [] }) =>
    kind !== undefined && isOfUser(kind) ? [send, receive] : [],
  );
  return [...daemons.map(({ run }) => run), ...setUp, ...ends];
}

/** Whether a word of a command names a file beside the description. */
export const isOwnFile = (word: string, place: number) =>
  /^\.{1,2}\//.test(word) || (place === 0 && /^[^/$]+\//.test(word));

/** The same word, with the path of that file. */
export const withPath = (word: string, place: number, folder = "/") =>
  isOwnFile(word, place) ? resolve(folder, word) : word;
