import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { DeploymentPlan, NodeProgram, PlacementView, PlannedNode } from "../../contracts/deployment.ts";
import type { PlannedFlow } from "../../contracts/load/flows.ts";
import type { NodeLoad } from "../../contracts/load/node-load.ts";
import type { OverlayHost } from "../../contracts/nodes/overlay.ts";
import type { DeploymentRequest } from "../../contracts/protocol.ts";
import { ConfigurationError, type Diagnostic, InvalidArgumentError } from "../../core/errors.ts";
import { findOnPath, whyNoProgram } from "../../core/process/find-program.ts";
import { parseQuantity, payloadSize } from "../../core/quantity.ts";
import { type FlowEnd, type HostConfigFile, hostConfigFile } from "../../peer/host/config.ts";
import { compileTemplate } from "../custom/description/template.ts";
import { jsonFile } from "../plan-parts.ts";
import { embedded, viewSource } from "./networks.ts";
import type { FlowsFile, NetworkEntry } from "./schema.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Of the receiver of the flow at that place. */
const portOf = (place: number) => 27_000 + place;

/** Where systems have programs, also those that only root uses. */
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The path of a program; undefined: there is none. */
type FindProgram = (name: string) => string | undefined;

function findProgram(name: string): string | undefined {
  if (!name.startsWith("/")) return findOnPath(name, searchPath);
  return whyNoProgram(name) === undefined ? name : undefined;
}

/** Programs that hosts start, and the packages of Debian that have them. */
const packages: Readonly<Record<string, string>> = {
  ip: "iproute2",
  babeld: "babeld",
  bird: "bird2",
  iperf3: "iperf3",
  tcpdump: "tcpdump",
};

type Argv = [string, ...string[]];

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

const usualSizes = { udp: 200, tcp: 1000, video: 4000, iperf3: 128_000 } as const;

export function plannedFlows({ file }: Scenario, load: Pick<NodeLoad, "rateTps"> | undefined): PlannedFlow[] {
  return file.flows.map(({ name, from, to, kind = "udp", rate, size, reflect = false }) => {
    const parsed = parseQuantity(size, payloadSize);
    const perSec = rate === undefined ? loadedRate(kind, load) : Number.parseFloat(rate);
    return {
      ...{ name, kind, from, to, reflects: reflect },
      ...(perSec === undefined ? {} : { perSec }),
      sizeBytes: "value" in parsed ? parsed.value : usualSizes[kind],
    };
  });
}

/** Datagrams without a rate of their own come at that of the load; a stream without one is as fast as goes. */
const loadedRate = (kind: PlannedFlow["kind"], load: Pick<NodeLoad, "rateTps"> | undefined) =>
  kind === "udp" ? (load?.rateTps ?? 1) : undefined;

/** Paths of all programs that hosts start, by name; or that one is missing. */
function programsOf(
  scenario: Scenario,
  find: FindProgram,
): {
  readonly paths: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { daemons = [], "set-up": setUp = [] } = networkOf(scenario);
  const { flows, capture = [] } = scenario.file;
  const names = new Set([
    "ip",
    ...daemons.map(({ run: [program = ""] }) => program),
    ...setUp.map(([program = ""]) => program),
    ...(flows.some(({ kind }) => kind === "iperf3") ? ["iperf3"] : []),
    ...(capture.length > 0 ? ["tcpdump"] : []),
  ]);
  const found = [...names].map((name) => [name, find(name)] as const);
  return {
    paths: new Map(found.flatMap(([name, path]) => (path === undefined ? [] : [[name, path] as const]))),
    diagnostics: found.flatMap(([name, path]): Diagnostic[] => {
      if (path !== undefined) return [];
      const own = packages[name];
      const remedy =
        own === undefined ? "Install it, or give its path" : `Install it: apt-get install ${own}`;
      return [{ code: "program-missing", message: `${name} is missing, which hosts start. ${remedy}.` }];
    }),
  };
}

function hostProgram(paths: ReadonlyMap<string, string>): NodeProgram {
  return {
    kind: "node-program",
    name: "host",
    root,
    entry: "dist/peer/host/main.js",
    include: ["dist/core", "dist/peer", "dist/contracts/load/flow-events.js", "package.json"],
    system: [...new Set(paths.values())],
  };
}

/**
 * @param find default: where systems have them
 * @throws ConfigurationError with all that is wrong with names of nodes, and all programs that are missing
 */
export function planFlows(
  scenario: Scenario,
  { nodes, load }: Pick<DeploymentRequest, "nodes" | "load">,
  find: FindProgram = findProgram,
): DeploymentPlan {
  const names = Array.from({ length: nodes }, (_, place) => `node${place}`);
  const { paths, diagnostics } = programsOf(scenario, find);
  const all = [...strangers(scenario.file, names), ...diagnostics];
  if (all.length > 0) throw new ConfigurationError(all);
  const flows = plannedFlows(scenario, load);
  const planHash = createHash("sha256")
    .update(JSON.stringify([scenario.file, scenario.network, flows]))
    .digest("hex");
  return {
    protocol: scenario.file.name,
    needsOverlay: true,
    groups: [
      {
        role: "host",
        count: nodes,
        program: hostProgram(paths),
        planes: ["rpc"],
        configure: (node, view) => {
          const host = new HostPlan(node, { view, scenario, paths });
          const config = { ...host.config(flows), planHash };
          const files = host.files().map(([path, content]) => ({ path, content, mode: 0o644 }));
          // Hosts start programs that only root uses.
          const env = { PATH: searchPath };
          return {
            args: ["--home", view.home],
            env,
            files: [jsonFile(hostConfigFile, config, 0o644), ...files],
          };
        },
      },
    ],
  };
}

/** Names of nodes that this committee does not have. */
function strangers({ flows, capture = [] }: FlowsFile, names: readonly string[]): Diagnostic[] {
  const used = [
    ...flows.flatMap(({ from, to }) => [from, to]),
    ...capture.map((one) => one.split(".")[0] ?? ""),
  ];
  return [...new Set(used)]
    .filter((name) => !names.includes(name))
    .map((name) => ({
      code: "protocol-file",
      message: `flows: there is no node ${name} among ${names.length}. Use --committee with a larger number, or one of ${names.slice(0, 3).join(", ")} …`,
    }));
}

interface HostPlanSetting {
  readonly view: PlacementView;
  readonly scenario: Scenario;
  readonly paths: ReadonlyMap<string, string>;
}

/** The configuration of one host. */
class HostPlan {
  readonly #node: PlannedNode;
  readonly #setting: HostPlanSetting;
  readonly #own: OverlayHost;
  readonly #hosts: ReadonlyMap<string, OverlayHost>;

  constructor(node: PlannedNode, setting: HostPlanSetting) {
    const { overlay, nodes } = setting.view;
    if (overlay === undefined) throw new InvalidArgumentError("The plan has no overlay.");
    this.#node = node;
    this.#setting = setting;
    this.#own = overlay(node.name);
    this.#hosts = new Map(nodes.map(({ name }) => [name, overlay(name)]));
  }

  config(flows: readonly PlannedFlow[]): Omit<HostConfigFile, "planHash"> {
    const { view, scenario } = this.#setting;
    const { name } = this.#node;
    const { daemons = [], view: seen } = networkOf(scenario);
    const { capture = [] } = scenario.file;
    return {
      name,
      rpc: view.listen("rpc"),
      address: this.#own.address,
      interfaces: Object.fromEntries(
        this.#own.interfaces.map(({ name: own, peer, address }) => [own, { peer, address }]),
      ),
      hosts: Object.fromEntries([...this.#hosts].map(([host, { address }]) => [host, address])),
      setUp: this.#setUp(),
      daemons: daemons.map((daemon) => ({ name: daemon.name, argv: this.#argv(daemon.run) })),
      view: viewSource(seen, (text) => this.#render(text)),
      flows: flows.flatMap((flow, place) => this.#endOf(flow, place) ?? []),
      captures: capture.flatMap((one) => (one.startsWith(`${name}.`) ? [one.slice(name.length + 1)] : [])),
    };
  }

  /** Files of daemons, in the host's home. */
  files(): (readonly [string, string])[] {
    const { daemons = [] } = networkOf(this.#setting.scenario);
    return daemons.flatMap(({ files = {} }) =>
      Object.entries(files).map(([path, text]) => [path, this.#render(text)] as const),
    );
  }

  #endOf(
    { name, kind, from, to, reflects, perSec, sizeBytes }: PlannedFlow,
    place: number,
  ): FlowEnd | undefined {
    const role = from === this.#node.name ? "sender" : to === this.#node.name ? "receiver" : undefined;
    const receiver = this.#hosts.get(to);
    if (role === undefined || receiver === undefined) return undefined;
    const address = { host: receiver.address, port: portOf(place) };
    return {
      name,
      kind,
      role,
      to: address,
      reflects,
      ...(perSec === undefined ? {} : { perSec }),
      sizeBytes,
    };
  }

  #setUp(): Argv[] {
    const { "set-up": commands = [], "route-to-all": toAll } = networkOf(this.#setting.scenario);
    if (toAll !== true) return commands.map((command) => this.#argv(command));
    const ways = nextHops(this.#node.name, this.#hosts);
    return [...ways].flatMap(([to, next]) => {
      const way = this.#own.interfaces.find(({ peer }) => peer === next);
      const variables = {
        to: this.#hosts.get(to)?.address ?? "",
        next: way?.peerAddress ?? "",
        "next.interface": way?.name ?? "",
      };
      return commands.map((command) => this.#argv(command, variables));
    });
  }

  #argv([program = "", ...words]: readonly string[], variables: Readonly<Record<string, string>> = {}): Argv {
    const { paths } = this.#setting;
    const args = words.flatMap((word) =>
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of descriptions
      word === "${interfaces}"
        ? this.#own.interfaces.map(({ name }) => name)
        : [this.#render(word, variables)],
    );
    return [paths.get(program) ?? program, ...args];
  }

  #render(text: string, more: Readonly<Record<string, string>> = {}): string {
    const variables: Readonly<Record<string, string>> = {
      name: this.#node.name,
      home: this.#setting.view.home,
      address: this.#own.address,
      interfaces: this.#own.interfaces.map(({ name }) => name).join(" "),
      ...more,
    };
    return compileTemplate(text).render((variable) => variables[variable] ?? "");
  }
}

/** Of each other host the neighbour on a shortest way to it, by links; those that no way leads to are left out. */
export function nextHops(
  from: string,
  hosts: ReadonlyMap<string, Pick<OverlayHost, "interfaces">>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const neighbours = (name: string) => hosts.get(name)?.interfaces.map(({ peer }) => peer) ?? [];
  let ring = neighbours(from).map((peer) => [peer, peer] as const);
  while (ring.length > 0) {
    const fresh = ring.filter(([host], at) => {
      const isFirst = ring.findIndex(([other]) => other === host) === at;
      return isFirst && host !== from && !found.has(host);
    });
    for (const [host, next] of fresh) found.set(host, next);
    ring = fresh.flatMap(([host, next]) => neighbours(host).map((peer) => [peer, next] as const));
  }
  return found;
}
