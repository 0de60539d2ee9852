import type { DeploymentPlan, DeployOptions, NodeProgram } from "../../contracts/deployment.ts";
import type { ClientPlacementKind, RemoteParameters } from "../../contracts/parameters.ts";
import type { DockerWatch } from "../containers/node.ts";
import type { Engine } from "../engine/engine.ts";
import { holderLabel, runLabel } from "../engine/ownership.ts";
import type { ContainerSpec } from "../engine/types.ts";
import type { ImageTools } from "../images/content.ts";
import type { ContainerLinks } from "../links/nodes.ts";
import type { HostImages, ImageSources } from "./images.ts";
import type { RemoteNode } from "./layout.ts";
import type { OpenHost, RemoteSession } from "./session.ts";
import type { Tunnels } from "./tunnel.ts";

export interface RemoteClientOptions {
  readonly placement: Exclude<ClientPlacementKind, "coordinator">;
  readonly program: NodeProgram;
}

export interface RemoteNodeOptions
  extends Pick<RemoteParameters, "rpcVia" | "cpus">,
    Pick<ImageTools, "nodeBinary" | "env"> {
  /** For people: whose nodes they are, "alice@laptop". */
  readonly who: string;
  /** Flags that lead a command to the same hosts, for what people are told to type. */
  readonly hostFlags?: readonly string[] | undefined;
  readonly memoryBytes?: number | undefined;
  /** undefined: clients run on this machine. */
  readonly clients?: RemoteClientOptions | undefined;
}

/** What is to be put on hosts. */
export interface RemoteDeployment {
  readonly session: RemoteSession;
  readonly plan: DeploymentPlan;
  readonly nodes: readonly RemoteNode[];
  readonly sources: ImageSources;
  readonly how: RemoteNodeOptions;
  readonly options: DeployOptions;
}

/** The same, once its hosts are ready and have the images. */
export interface RemoteParts extends RemoteDeployment {
  /** Those with nodes. */
  readonly hosts: readonly OpenHost<Engine>[];
  readonly images: HostImages;
  /** Value of the holder label. */
  readonly holder: string;
  /** Of all nodes; ends with the network. */
  readonly watch: DockerWatch;
  readonly tunnels: Tunnels;
  /** undefined where the plan has none. */
  readonly links: ContainerLinks | undefined;
}

/** A container of a deployment, as far as all of them are alike. */
export function describeContainer(
  {
    options: { run },
    holder,
  }: Pick<RemoteParts, "holder"> & { readonly options: Pick<DeployOptions, "run"> },
  name: string,
  image: string,
): ContainerSpec {
  return {
    image,
    name: `baleen-${run}-${name}`,
    args: [],
    labels: { [runLabel]: run, [holderLabel]: holder },
    env: {},
    volumes: [],
    ports: [],
  };
}
