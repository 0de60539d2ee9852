/** Links between nodes that are plain processes: in network namespaces, or through a relay. */
import { existsSync } from "node:fs";
import type { DeploymentPlan, DeployOptions, PlacementView } from "../../contracts/deployment.ts";
import type { LinkShaping, PlannedLinks } from "../../contracts/links/shaping.ts";
import type { Endpoint, NodeName, Plane } from "../../contracts/nodes/node.ts";
import { type Diagnostic, InvalidArgumentError } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { traceDecision } from "../../core/trace.ts";
import { ownArchitecture } from "../images/node-runtime.ts";
import { checkKernelLinks, checkRelayLinks } from "../links/check.ts";
import { type LinkChild, startLinkChild } from "../links/child.ts";
import { LinksError } from "../links/error.ts";
import { openNamespaces } from "../links/namespaces/open.ts";
import type { NamespaceTools } from "../links/namespaces/tools.ts";
import { checkOverlay, overlayView } from "../links/overlay.ts";
import { checkShaperPackages, probePort, shaperEntry } from "../links/program.ts";
import { openRelay } from "../links/relay/open.ts";
import { Shapers } from "../links/shapers.ts";
import type { BasePorts } from "../nodes/base-ports.ts";
import { type GroupedNode, listPlannedNodes } from "../nodes/planned.ts";
import { type Addresses, chooseAddresses, ownAddresses } from "./addresses.ts";
import type { LinkWays } from "./link-ways.ts";

/** Links of a network of processes. Disposing ends all that makes them. */
export interface ProcessLinks extends AsyncDisposable {
  readonly addresses: Addresses;
  readonly shaping: LinkShaping;
  /** Where a node reaches another one. */
  readonly endpoint: (target: NodeName, seenBy: NodeName, plane: Plane) => Endpoint;
  readonly overlay: PlacementView["overlay"];
  /** How a node is started, given its own argv. */
  readonly argvOf: (node: NodeName, argv: readonly string[]) => readonly string[];
  /** Processes of ours beside the nodes. */
  readonly pids: readonly number[];
  /** For environment.json. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Whether the nodes of a plan share the network of this machine, and so its ports. */
export async function sharesNetwork({ links }: DeploymentPlan, chooseWay: LinkWays): Promise<boolean> {
  return links === undefined || (await chooseWay(links)).kind === "relay";
}

const withoutNamespaces =
  "its nodes have no network of their own. Run as root on Linux, or use --runtime docker";

/** Everything that would keep the links of a plan from being made between processes; leaves nothing behind. */
export async function checkProcessLinks(
  { links }: DeploymentPlan,
  chooseWay: LinkWays,
): Promise<readonly Diagnostic[]> {
  if (links === undefined) return [];
  const way = await chooseWay(links);
  traceDecision("links", way.kind, way.because);
  if (way.kind === "namespaces")
    return [...checkKernelLinks(links), ...checkOverlay(links), ...checkShaperPackages(ownArchitecture())];
  const { mechanism } = links;
  const { because, otherwise } = way;
  if (mechanism === undefined || mechanism === "relay") {
    return [...checkRelayLinks(links, way), ...checkOverlay(links, withoutNamespaces)];
  }
  const message = `--link-mechanism ${mechanism} cannot be used with plain processes here: ${because}. Use --link-mechanism relay, or ${otherwise}.`;
  return [{ code: "links", message }];
}

interface LinksRequest {
  readonly plan: DeploymentPlan;
  readonly chooseWay: LinkWays;
  readonly nodeBinary: string;
  readonly env: Environment;
  readonly basePorts?: BasePorts | undefined;
  /** Address of the nodes where they share this machine's network. */
  readonly host: string;
  readonly options: Pick<DeployOptions, "signal" | "emit">;
}

/** Makes all that lies between the nodes, before any of them starts; undefined where the plan has no links. */
export async function openProcessLinks(request: LinksRequest): Promise<ProcessLinks | undefined> {
  const { links } = request.plan;
  if (links === undefined) return undefined;
  const way = await request.chooseWay(links);
  const { emit } = request.options;
  if (way.kind === "namespaces") {
    emit({ type: "network-step", step: "making network namespaces" });
    return await openInNamespaces(request, links, way.tools);
  }
  emit({ type: "network-step", step: "starting the relay of the links", detail: way.because });
  return await openRelayed(request, links, way.because);
}

async function openInNamespaces(
  request: LinksRequest,
  links: PlannedLinks,
  tools: NamespaceTools,
): Promise<ProcessLinks> {
  const { plan, nodeBinary, env, basePorts, options } = request;
  const nodes = listPlannedNodes(plan);
  const names = nodes.map(({ name }) => name);
  if (!existsSync(shaperEntry))
    throw new LinksError(`The link shaper ${shaperEntry} is missing. Build it: npm run build.`);
  const namespaces = await openNamespaces(nodes.length, tools, options.signal);
  let child: LinkChild | undefined;
  const start = async () => {
    child = await startLinkChild({ argv: [nodeBinary, shaperEntry], env });
    return child;
  };
  const placeOf = (name: NodeName) => {
    const place = names.indexOf(name);
    const host = namespaces.addressOf(place);
    const probeAddress = { host, port: probePort };
    return { name, addresses: [host], namespacePath: namespaces.pathOf(place), probePort, probeAddress };
  };
  const shapers = new Shapers({
    links,
    machines: [{ start }],
    hostOf: () => undefined,
    locate: (wanted) => wanted.map(placeOf),
    exemptPorts: [],
  });
  const dispose = async () => {
    await shapers[Symbol.asyncDispose]();
    await namespaces[Symbol.asyncDispose]();
  };
  try {
    await shapers.admit(names, options.signal);
  } catch (error) {
    await dispose();
    throw error;
  }
  const addresses = ownAddresses(nodes, namespaces.addressOf, basePorts);
  return {
    addresses,
    shaping: shapers.shaping(),
    overlay: overlayView(links),
    endpoint: (target, _seenBy, plane) => addresses.of(target, plane),
    argvOf: (node, argv) => namespaces.argvOf(names.indexOf(node), argv),
    pids: child === undefined ? [] : [child.pid],
    facts: { subnet: namespaces.subnet, interface: namespaces.interface },
    [Symbol.asyncDispose]: dispose,
  };
}

async function openRelayed(
  request: LinksRequest,
  links: PlannedLinks,
  because: string,
): Promise<ProcessLinks> {
  const { plan, host, basePorts, options } = request;
  const nodes: readonly GroupedNode[] = listPlannedNodes(plan);
  const addresses = await chooseAddresses(nodes, host, basePorts);
  const targets = nodes.flatMap(({ name }) =>
    addresses.allOf(name).flatMap(({ plane, endpoint }) => {
      // Only the coordinator reads the metrics of a node.
      return plane === "metrics" ? [] : [{ node: name, plane, endpoint }];
    }),
  );
  const relay = await openRelay({ ...request, links, targets, signal: options.signal });
  return {
    overlay: undefined,
    addresses,
    shaping: relay.shaping,
    endpoint: (target, seenBy, plane) => {
      if (target === seenBy || plane === "metrics") return addresses.of(target, plane);
      const port = relay.portOf({ from: seenBy, to: target }, plane);
      if (port !== undefined) return { host, port };
      throw new InvalidArgumentError(`The network has no ${target} with a plane ${plane}.`);
    },
    argvOf: (_node, argv) => argv,
    pids: [relay.pid],
    facts: { because },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}
