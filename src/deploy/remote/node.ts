import type { NodeConfiguration, PlacementView } from "../../contracts/deployment.ts";
import { nodeLabel, overlayRights } from "../containers/compose-file.ts";
import { describeStart, portInContainer, putNodeFiles } from "../containers/program.ts";
import type { Engine } from "../engine/engine.ts";
import { runLabel } from "../engine/ownership.ts";
import type { ContainerSpec } from "../engine/types.ts";
import { imageHome } from "../images/image.ts";
import { probePort } from "../links/program.ts";
import type { ExportStore } from "../nodes/stages.ts";
import { findRemoteEndpoint, probePortOf, publishedAddresses, type RemoteNode } from "./layout.ts";
import { describeContainer, type RemoteParts } from "./parts.ts";
import type { OpenHost } from "./session.ts";

/** What all nodes of a network have in common. */
type NodeSettings = Pick<RemoteParts, "plan" | "images" | "nodes" | "how" | "options" | "holder"> & {
  readonly exports: ExportStore;
  /** Finds the interfaces of a node, if the plan has an overlay. */
  readonly overlay: PlacementView["overlay"];
};

/**
 * Configures a node and makes its container, its files in it; starts nothing.
 *
 * @returns the container's id
 */
export async function createNode(
  open: OpenHost<Engine>,
  node: RemoteNode,
  settings: NodeSettings,
): Promise<string> {
  const { how, options, images, plan } = settings;
  const { engine } = open;
  const { group, name } = node;
  const volume = `baleen-${options.run}-${name}-home`;
  await engine.createVolume(volume, { [runLabel]: options.run });
  const isOnHost = usesHostNetwork(node);
  const configuration = configure(node, settings, (plane) => {
    if (!isOnHost) return { host: "0.0.0.0", port: portInContainer(node, plane) };
    const [address = "", ...others] = publishedAddresses(plane, open, how.rpcVia);
    return { host: others.length > 0 ? "0.0.0.0" : address || "::", port: node.ports[plane] };
  });
  const { args = [], env = {}, ...start } = describeStart(group.program, configuration);
  const own = describeContainer(settings, name, images.of(node));
  const id = await engine.createContainer({
    ...own,
    ...start,
    ...(plan.needsOverlay === true && group.isApart !== true ? overlayRights : {}),
    args,
    env,
    labels: { ...own.labels, [nodeLabel]: name },
    volumes: [{ name: volume, path: imageHome }],
    ...(isOnHost ? { networkMode: "host" } : {}),
    ports: isOnHost
      ? []
      : [
          ...group.planes.flatMap((plane) =>
            publishedAddresses(plane, open, how.rpcVia).map((hostAddress) => ({
              hostAddress,
              hostPort: node.ports[plane],
              containerPort: portInContainer(node, plane),
            })),
          ),
          ...(plan.links === undefined || plan.links.overlay !== undefined
            ? []
            : publishProbes(open, node, how)),
        ],
    cpus: how.cpus,
    memoryBytes: how.memoryBytes,
  });
  await putNodeFiles(engine, id, configuration.files);
  return id;
}

const usesHostNetwork = ({ group }: RemoteNode) => group.usesHostNetwork === true;

/** Where probes of links come in from other hosts. */
function publishProbes(
  open: OpenHost<Engine>,
  { slot }: RemoteNode,
  { rpcVia }: NodeSettings["how"],
): ContainerSpec["ports"] {
  const hostPort = probePortOf(slot);
  return publishedAddresses("peer", open, rpcVia).flatMap((hostAddress) => [
    { hostAddress, hostPort, containerPort: probePort },
    { hostAddress, hostPort, containerPort: probePort, protocol: "udp" as const },
  ]);
}

function configure(
  node: RemoteNode,
  { nodes, exports, overlay }: NodeSettings,
  listen: PlacementView["listen"],
): NodeConfiguration {
  return node.group.configure(node, {
    home: imageHome,
    nodes,
    endpoint: (target, plane) => findRemoteEndpoint(nodes, target, { seenBy: { node: node.name }, plane }),
    listen,
    exported: exports.seenBy(node.group),
    overlay,
  });
}
