/** Scenarios: hosts of a network under test, and flows that go through it. */
import type { FlowReports } from "../../contracts/load/flows.ts";
import type { Protocol, ProtocolOption } from "../../contracts/protocol.ts";
import { checkedOptions, committeeDiagnostics } from "../../contracts/protocol-options.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { noClients, probeStatus } from "../plan-parts.ts";
import { planFlows } from "./plan.ts";
import { networkOf, plannedFlows, type Scenario } from "./scenario.ts";
import type { FlowsFile } from "./schema.ts";

const mostHosts = 128;
const largestPayloadBytes = 16_000_000;

/** One flow with echoes, from the first host to the second. */
const usual: FlowsFile = {
  name: "flows",
  title: "flows through a network under test",
  flows: [{ name: "talk", from: "node0", to: "node1", kind: "udp", reflect: true }],
  networks: { static: "static", babel: "babel", bird: "bird" },
};

const optionsOf = ({ networks }: FlowsFile): readonly ProtocolOption[] => {
  const names = Object.keys(networks);
  return [
    {
      name: "network",
      meaning: "network under test, of those that the description names",
      allowed: { kind: "choice", choices: names },
      default: names[0] ?? "",
    },
  ];
};

/** @param definition what a user described it with; absent: it is built in */
export function protocolOf(file: FlowsFile, definition?: FlowsFile): Protocol {
  const { name, title = name } = file;
  const options = optionsOf(file);
  const scenarioOf = (
    given: Readonly<Record<string, unknown>>,
    found: readonly Diagnostic[] = [],
  ): Scenario => {
    const values = checkedOptions(name, options, given, found);
    return { file, network: String(values.network) };
  };
  return {
    name,
    title,
    options,
    ...(definition === undefined ? {} : { definition }),
    // Each host goes on by itself.
    toleratedFaults: (nodes) => nodes - 1,
    plan: ({ nodes, options: given, load }) =>
      planFlows(scenarioOf(given, committeeDiagnostics(nodes, mostHosts)), { nodes, load }),
    probe: probeStatus,
    ...noClients({ smallestBytes: 1, largestBytes: largestPayloadBytes }),
    flows: (given, load): FlowReports => {
      const scenario = scenarioOf(given);
      return {
        events: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the reader of the events fills it in
          events: { from: "http", plane: "rpc", path: "/events?from=${cursor}" },
          status: { plane: "rpc", path: "/status", clock: "/clock", plan: "/plan", told: "/told" },
        },
        startPath: "/start",
        flows: plannedFlows(scenario, load),
        network: scenario.network,
        hasView: networkOf(scenario).view !== undefined,
      };
    },
  };
}

/** The scenario of `--protocol flows`. */
export const flows: Protocol = protocolOf(usual);
