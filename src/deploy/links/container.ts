/** Link shapers in containers, and where they find nodes that are containers. */

import type { OwnProcess } from "../../contracts/hosts/host-load.ts";
import type { ShaperPlace } from "../../contracts/links/shaper.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import { mapBounded } from "../../core/async.ts";
import { startDriven } from "../containers/driven.ts";
import type { Engine } from "../engine/engine.ts";
import { holderLabel, runLabel } from "../engine/ownership.ts";
import { LinksError } from "./error.ts";
import { probePort } from "./program.ts";

/** Entering namespaces of other containers, their rules and queues, real-time priority, and the machine's own tools. */
const capabilities = [
  "NET_ADMIN",
  "NET_RAW",
  "SYS_ADMIN",
  "SYS_CHROOT",
  "SYS_NICE",
  "SYS_PTRACE",
  "DAC_READ_SEARCH",
] as const;

interface ShaperContainer {
  readonly engine: Engine;
  readonly image: string;
  readonly run: string;
  /** Value of the holder label. */
  readonly holder: string;
}

/** Starts a shaper for all containers of an engine's machine. It ends with the connection to it. */
export async function startShaperContainer(
  { engine, image, run, holder }: ShaperContainer,
  { onStart, signal }: { readonly onStart: (process: OwnProcess) => void; readonly signal: AbortSignal },
) {
  const container = {
    image,
    name: `baleen-${run}-shaper`,
    args: [],
    user: "0:0",
    labels: { [runLabel]: run, [holderLabel]: holder },
    env: {},
    volumes: [],
    ports: [],
    sharesProcesses: true,
    // Its image has nothing but Node.js: iptables and tc are the machine's.
    machineFolder: "/machine",
    capabilities,
    isUnconfined: true,
  };
  const { program, process } = await startDriven(engine, container, signal);
  if (process !== undefined) onStart(process);
  return program;
}

const requestsAtOnce = 8;

/** A node that is a container of this engine. */
interface ContainerPlace {
  readonly name: NodeName;
  readonly containerId: string;
  /** Where others see it, beside its own addresses. */
  readonly furtherAddresses?: readonly string[] | undefined;
  /** Undefined: its own first address, and its probe port. */
  readonly probeAddress?: ShaperPlace["probeAddress"];
}

/**
 * Finds the namespaces and addresses of nodes that run.
 *
 * @param seesGateways nodes see one another as the bridges that they are on
 * @throws LinksError where one does not run
 */
export function locateContainers(
  engine: Engine,
  nodes: readonly ContainerPlace[],
  seesGateways = false,
): Promise<ShaperPlace[]> {
  return mapBounded(nodes, requestsAtOnce, async ({ name, containerId, ...place }) => {
    const container = await engine.inspectContainer(containerId);
    const [address] = container?.addresses ?? [];
    if (container?.pid === undefined || address === undefined) {
      throw new LinksError(
        `The links of ${name} cannot be shaped: its container does not run, or has no network of its own. Look at its log.`,
      );
    }
    const { addresses, gateways, pid } = container;
    const { furtherAddresses = [], probeAddress = { host: address, port: probePort } } = place;
    const all = [...addresses, ...(seesGateways ? gateways : []), ...furtherAddresses];
    return {
      ...{ name, probePort, probeAddress, addresses: [...new Set(all)] },
      namespacePath: `/proc/${pid}/ns/net`,
    };
  });
}
