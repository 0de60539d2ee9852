import type { DeploymentPlan, DeployOptions } from "../../contracts/deployment.ts";
import type { RemoteClientOptions } from "./clients.ts";
import type { ImageSources } from "./images.ts";
import type { RemoteNode } from "./layout.ts";
import type { RemoteSession } from "./session.ts";

/** How nodes run on hosts. */
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

export interface RemoteDeployment {
  readonly session: RemoteSession;
  readonly plan: DeploymentPlan;
  readonly nodes: readonly RemoteNode[];
  readonly sources: ImageSources;
  readonly how: RemoteNodeOptions;
  readonly options: DeployOptions;
  /** Whether the ways between the hosts were found open before. */
  readonly waysAreOpen: boolean;
}
