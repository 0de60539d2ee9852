import { access, constants, stat } from "node:fs/promises";
import type { DeploymentPlan, PlacementView } from "../../contracts/deployment.ts";
import type { Endpoint, Plane } from "../../contracts/nodes/node.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { ConfigurationError, type Diagnostic, describeError, systemCode } from "../../core/errors.ts";
import { recordOf } from "../../core/keys.ts";
import {
  fillImagePlaceholder,
  imagePlaceholder,
  imageVariable,
  mostNodesOnStandardPorts,
  type NodePorts,
  renderComposeFile,
  standardPorts,
} from "../containers/compose-file.ts";
import { portInContainer } from "../containers/program.ts";
import { overlayView } from "../links/overlay.ts";
import { type BasePorts, checkBasePorts, findOverlap, movedFlags, movedPort } from "../nodes/base-ports.ts";
import { type GroupedNode, listPlannedNodes } from "../nodes/planned.ts";
import { findFreePorts } from "../nodes/ports.ts";
import { type Compose, ComposeError } from "./compose.ts";
import { type ComposeModel, type NodeService, parseComposeModel, selectNodes } from "./compose-services.ts";

/** A planned node and the service of the compose file that is to be it. */
export interface PlacedNode extends GroupedNode, Omit<NodeService, "rpc"> {
  /** undefined for a node that has none. */
  readonly rpc: Endpoint | undefined;
  /** Of one that we start; undefined: it is left as the compose file has it. */
  readonly image?: string | undefined;
  /** Where one of its group's exports is read from there. */
  readonly peer?: Endpoint | undefined;
}

/** A compose file, read: which service is which node, and what else it makes. */
export interface DockerLayout {
  readonly file:
    | { readonly kind: "ours"; readonly text: string }
    /** `rpcPort`: the nodes' RPC port in their containers. */
    | { readonly kind: "foreign"; readonly path: string; readonly rpcPort: number };
  readonly model: ComposeModel;
  readonly nodes: readonly PlacedNode[];
  /** Finds the interfaces of a node, if the plan has an overlay. */
  readonly overlay: PlacementView["overlay"];
}

interface LayoutOptions {
  readonly compose: Compose;
  /** undefined: our own file, rendered for the committee. */
  readonly composePath: string | undefined;
  readonly rpcPort: number;
  readonly basePorts?: BasePorts | undefined;
  readonly signal: AbortSignal;
}

/**
 * Finds out which services the nodes of a plan are, and at which ports of this machine they are published.
 *
 * @throws ConfigurationError with all that is wrong with a foreign file
 */
export async function readLayout(plan: DeploymentPlan, options: LayoutOptions): Promise<DockerLayout> {
  const { composePath, rpcPort, basePorts = {} } = options;
  if (composePath === undefined) return await layOutOwnFile(plan, basePorts);
  const flags = movedFlags(basePorts).join(" and ");
  if (flags !== "") {
    const message = `${flags}: the ports of the nodes are in compose file ${composePath}. Change them there, or remove ${flags}.`;
    throw new ConfigurationError([{ code: "contradiction", message }]);
  }
  const diagnostic = await checkComposeFile(composePath);
  if (diagnostic !== undefined) throw new ConfigurationError([diagnostic]);
  const model = await readModel(composePath, options);
  const planned = listPlannedNodes(plan);
  const selected = selectNodes(model, { path: composePath, committee: planned.length, rpcPort });
  if ("diagnostics" in selected) throw new ConfigurationError(selected.diagnostics);
  const nodes = planned.flatMap((node, i) => {
    const service = selected.nodes[i];
    return service === undefined ? [] : [{ ...node, ...service }];
  });
  return {
    file: { kind: "foreign", path: composePath, rpcPort },
    model,
    nodes,
    overlay: overlayView(plan.links),
  };
}

async function readModel(path: string, { compose, signal }: LayoutOptions): Promise<ComposeModel> {
  try {
    const variables = { [imageVariable]: imagePlaceholder };
    return parseComposeModel(await compose.config({ name: "baleen", files: [path], variables }, signal));
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof ComposeError ? error.reason : describeError(error);
    const message = `Compose file ${path} is not valid: ${why.replaceAll(/\s+/g, " ").trim()}`;
    throw new ConfigurationError([{ code: "compose-file-invalid", message }], { cause: error });
  }
}

/**
 * The same for our own file; needs no compose command. Above 13 nodes the ports are those that are free now.
 *
 * @throws ConfigurationError where the nodes cannot have the ports that they are moved to
 */
export async function layOutOwnFile(
  plan: DeploymentPlan,
  bases: BasePorts = {},
): Promise<DockerLayout & { readonly ports: readonly NodePorts[] }> {
  const planned = listPlannedNodes(plan);
  refuse(checkBasePorts(plan, bases, ({ planes }, plane) => planes.includes(plane)));
  const chosen = await choosePorts(planned.length, bases);
  const ports = planned.map((node, i): NodePorts => {
    const { group } = node;
    const has = (plane: Plane) => group.planes.includes(plane);
    const isRead = Object.values(group.exports ?? {}).some(
      (source) => source.from === "http" && source.plane === "peer",
    );
    return {
      rpc: has("rpc") ? chosen[i]?.rpc : undefined,
      metrics: has("metrics") ? chosen[i]?.metrics : undefined,
      peer: isRead ? chosen[i]?.peer : undefined,
      inside: recordOf(group.planes, (plane) => portInContainer(node, plane)),
      ...(plan.needsOverlay === true && group.isApart !== true ? { hasOverlay: true } : {}),
    };
  });
  refuse(
    findOverlap(
      ports.flatMap(({ inside: _, hasOverlay: __, ...published }, i) =>
        Object.entries(published).flatMap(([plane, port]) =>
          port === undefined ? [] : { node: `node${i}`, plane: plane as Plane, port },
        ),
      ),
    ),
  );
  const text = renderComposeFile(ports);
  const reach = (port: number | undefined) => (port === undefined ? undefined : { host: "127.0.0.1", port });
  return {
    ports,
    overlay: overlayView(plan.links),
    file: { kind: "ours", text },
    model: parseComposeModel(fillImagePlaceholder(text)),
    nodes: planned.map((node, i) => ({
      ...node,
      service: `node${i}`,
      rpc: reach(ports[i]?.rpc),
      metrics: reach(ports[i]?.metrics),
      peer: reach(ports[i]?.peer),
    })),
  };
}

function refuse(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
}

async function choosePorts(nodes: number, bases: BasePorts): Promise<Record<Plane, number>[]> {
  const numbers = Array.from({ length: nodes }, (_, i) => i);
  const moved = (plane: Plane, i: number) => movedPort(bases, plane, i);
  const taken = new Set(numbers.flatMap((i) => [moved("rpc", i) ?? 0, moved("metrics", i) ?? 0]));
  const free =
    nodes <= mostNodesOnStandardPorts ? undefined : await findFreePorts(3 * nodes, "127.0.0.1", taken);
  return numbers.map((i) => {
    const usual = standardPorts(i);
    const [rpc = usual.rpc, metrics = usual.metrics, peer = usual.peer] = free?.slice(3 * i) ?? [];
    return { rpc: moved("rpc", i) ?? rpc, metrics: moved("metrics", i) ?? metrics, peer };
  });
}

/** What keeps a compose file from being read at all; needs no engine. */
export async function checkComposeFile(path: string): Promise<Diagnostic | undefined> {
  const diagnostic = (code: ErrorCode, what: string): Diagnostic => {
    const remedy = "Name another file with --docker-compose-path, or remove the option.";
    return { code, message: `Compose file ${path} ${what}. ${remedy}` };
  };
  try {
    const info = await stat(path);
    if (!info.isFile()) return diagnostic("compose-file", "is not a file");
    if (info.size === 0) return diagnostic("compose-file-empty", "is empty");
    await access(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const isMissing = systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
    return isMissing
      ? diagnostic("compose-file-missing", "does not exist")
      : diagnostic("compose-file", `cannot be read: ${describeError(error)}`);
  }
}
