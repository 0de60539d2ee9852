import { createHash } from "node:crypto";
import type { DeploymentPlan, PlacementView, PlannedNode } from "../../contracts/deployment.ts";
import { isOfUser } from "../../contracts/load/flow-events.ts";
import type { PlannedFlow } from "../../contracts/load/flows.ts";
import type { OverlayHost } from "../../contracts/nodes/overlay.ts";
import type { DeploymentRequest } from "../../contracts/protocol.ts";
import { ConfigurationError, type Diagnostic, InvalidArgumentError } from "../../core/errors.ts";
import { type FlowEnd, type HostConfigFile, hostConfigFile } from "../../peer/host/config.ts";
import { compileTemplate } from "../custom/description/template.ts";
import { jsonFile } from "../plan-parts.ts";
import { viewSource } from "./networks.ts";
import { type FindProgram, findProgram, hostProgram, programsOf, searchPath } from "./programs.ts";
import { flowsOf, networkOf, plannedFlows, type Scenario, withPath } from "./scenario.ts";
import type { FlowsFile } from "./schema.ts";

/** Of the receiver of the flow at that place. */
const portOf = (place: number) => 27_000 + place;

type Argv = [string, ...string[]];

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
        program: hostProgram(scenario, paths),
        planes: ["rpc"],
        configure: (node, view) => {
          const host = new HostPlan(node, { view, scenario, paths, durationSecs: load?.durationSecs ?? 1 });
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
  /** Of the window. */
  readonly durationSecs: number;
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

  #endOf(flow: PlannedFlow, place: number): FlowEnd | undefined {
    const { from, to, ...both } = flow;
    const role = from === this.#node.name ? "sender" : to === this.#node.name ? "receiver" : undefined;
    const receiver = this.#hosts.get(to);
    if (role === undefined || receiver === undefined) return undefined;
    const address = { host: receiver.address, port: portOf(place) };
    const program = isOfUser(flow.kind) ? { argv: this.#programOf(flow, place, role) } : {};
    return { ...both, role, to: address, ...program };
  }

  #programOf({ from, to, perSec = 0, sizeBytes }: PlannedFlow, place: number, role: FlowEnd["role"]): Argv {
    const { scenario, durationSecs } = this.#setting;
    const { send = [], receive = [] } = flowsOf(scenario)[place] ?? {};
    return this.#argv(role === "sender" ? send : receive, {
      from: this.#hosts.get(from)?.address ?? "",
      to: this.#hosts.get(to)?.address ?? "",
      port: String(portOf(place)),
      rate: String(perSec),
      size: String(sizeBytes),
      seconds: String(durationSecs),
    });
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
    const { paths, scenario } = this.#setting;
    const { folder } = scenario.file;
    const path = withPath(program, 0, folder);
    const args = words.flatMap(
      (word) => this.#lists[word] ?? [this.#render(withPath(word, 1, folder), variables)],
    );
    return [paths.get(path) ?? path, ...args];
  }

  /** Variables that are several arguments where they stand alone. */
  get #lists(): Readonly<Record<string, readonly string[]>> {
    const { interfaces } = this.#own;
    return {
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of descriptions
      "${interfaces}": interfaces.map(({ name }) => name),
      "${neighbours}": interfaces.map(({ peerAddress }) => peerAddress),
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of descriptions
    };
  }

  #render(text: string, more: Readonly<Record<string, string>> = {}): string {
    const variables: Readonly<Record<string, string>> = {
      name: this.#node.name,
      home: this.#setting.view.home,
      address: this.#own.address,
      interfaces: this.#own.interfaces.map(({ name }) => name).join(" "),
      neighbours: this.#own.interfaces.map(({ peerAddress }) => peerAddress).join(" "),
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
