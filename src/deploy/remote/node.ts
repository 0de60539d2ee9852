import type { NodeConfiguration } from "../../contracts/deployment.ts";
import { nodeLabel } from "../containers/compose-file.ts";
import { describeStart, portInContainer, putNodeFiles } from "../containers/program.ts";
import { holderLabel, runLabel } from "../engine/ownership.ts";
import { imageHome } from "../images/image.ts";
import type { ExportStore } from "../nodes/exports.ts";
import type { RemoteClientOptions } from "./clients.ts";
import { findRemoteEndpoint, innerAddress, publishedAddress, type RemoteNode } from "./layout.ts";
import type { ReadyHost } from "./session.ts";

export interface RemoteNodeOptions {
  readonly rpcVia: "direct" | "ssh";
  /** For people: whose nodes they are, "alice@laptop". */
  readonly who: string;
  /** Flags that lead a command to the same hosts, for what people are told to type. */
  readonly hostFlags?: readonly string[] | undefined;
  readonly cpus?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** undefined: clients run on this machine. */
  readonly clients?: RemoteClientOptions | undefined;
}

/** What all nodes of a network have in common, and the image of one. */
interface NodeSettings {
  readonly image: string;
  readonly nodes: readonly RemoteNode[];
  readonly exports: ExportStore;
  readonly how: RemoteNodeOptions;
  readonly run: string;
  /** Value of the holder label. */
  readonly holder: string;
}

/**
 * Configures a node and makes its container, its files in it; starts nothing.
 *
 * @returns the container's id
 */
export async function createNode(
  { engine }: ReadyHost,
  node: RemoteNode,
  settings: NodeSettings,
): Promise<string> {
  const { how, run } = settings;
  const labels = { [runLabel]: run };
  const volume = `baleen-${run}-${node.name}-home`;
  await engine.createVolume(volume, labels);
  const configuration = configure(node, settings);
  const { args = [], env = {}, ...start } = describeStart(node.group.program, configuration);
  const { host } = node;
  // What goes through SSH is for this machine alone.
  const outside = how.rpcVia === "ssh" ? "127.0.0.1" : publishedAddress(host.address.host);
  const id = await engine.createContainer({
    image: settings.image,
    name: `baleen-${run}-${node.name}`,
    ...start,
    args,
    env,
    labels: { ...labels, [holderLabel]: settings.holder, [nodeLabel]: node.name },
    volumes: [{ name: volume, path: imageHome }],
    ports: node.group.planes.map((plane) => ({
      hostAddress: plane === "peer" ? publishedAddress(innerAddress(host)) : outside,
      hostPort: node.ports[plane],
      containerPort: portInContainer(node.group, plane),
    })),
    cpus: how.cpus,
    memoryBytes: how.memoryBytes,
  });
  await putNodeFiles(engine, id, configuration.files);
  return id;
}

function configure(node: RemoteNode, { nodes, exports }: NodeSettings): NodeConfiguration {
  return node.group.configure(node, {
    home: imageHome,
    nodes,
    endpoint: (target, plane) => findRemoteEndpoint(nodes, target, { seenBy: { node: node.name }, plane }),
    listen: (plane) => ({ host: "0.0.0.0", port: portInContainer(node.group, plane) }),
    exported: exports.seenBy(node.group),
  });
}
