import type { Deployer, DeploymentPlan } from "../../contracts/deployment.ts";
import { BaleenError, ConfigurationError, type Diagnostic, describeError } from "../../core/errors.ts";
import { portInContainer } from "../containers/program.ts";
import { findProgramDiagnostics } from "../images/image.ts";
import { checkContainerPorts } from "../nodes/fixed-ports.ts";
import { checkOrder, listPlannedNodes } from "../nodes/planned.ts";
import { checkArchitectures, checkHostList, checkOpenHosts, findDriven } from "./checks.ts";
import { clientHostsOf } from "./clients.ts";
import { deployOnHosts } from "./deployment.ts";
import type { ImageSources } from "./images.ts";
import { placeOnHosts } from "./layout.ts";
import { removeFromHosts } from "./network.ts";
import type { RemoteNodeOptions } from "./parts.ts";
import { type OpenHost, RemoteSession, type RemoteSessionOptions } from "./session.ts";
import { checkRemoteLinks } from "./shaping.ts";
import { findNamedSource, listPrograms, openImageSources, type SourceOptions } from "./sources.ts";

/** `run` is the one that takes the hosts' locks, too. */
export interface RemoteDeployerOptions extends RemoteNodeOptions, RemoteSessionOptions, SourceOptions {}

/** Runs the nodes of a plan as containers on hosts over SSH. Connections and locks are held until it is closed. */
export function createRemoteDeployer(deployer: RemoteDeployerOptions): Deployer {
  let session: RemoteSession | undefined;
  const images = openImageSources(deployer);
  let sources: ImageSources | undefined;
  const open = async (signal: AbortSignal) => {
    session ??= await RemoteSession.open(deployer, deployer.run, signal);
    return session;
  };
  return {
    runtime: "docker",
    check: async (plan, signal) => {
      images.readEarly(plan, signal);
      const { hosts, diagnostics } = await open(signal);
      return [
        ...checkOrder(plan),
        ...checkContainerPorts(plan, portInContainer),
        ...checkHostList(listPlannedNodes(plan).length, deployer.hosts),
        ...diagnostics,
        ...(await checkOpenHosts(hosts)),
        ...(await findDriven(hosts, deployer.run)),
        ...checkProcessors(plan, hosts, deployer),
        ...(await checkPrograms(plan, hosts, deployer)),
        ...checkRemoteLinks(plan, deployer.hosts, hosts),
        ...checkHostNetwork(plan, deployer),
      ];
    },
    deploy: async (plan, options) => {
      const opened = await open(options.signal);
      const { hosts, diagnostics } = opened;
      opened.notify(options.emit);
      if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
      const nodes = placeOnHosts(plan, deployer.hosts);
      try {
        sources ??= await images.choose(plan, hosts, options.signal);
        return await deployOnHosts({ session: opened, plan, nodes, sources, how: deployer, options });
      } catch (error) {
        const made = { run: options.run, hostFlags: deployer.hostFlags };
        await removeFromHosts(opened.hosts, made, { volumes: true }).catch((failure: unknown) => {
          const message = failure instanceof BaleenError ? failure.message : describeError(failure);
          options.emit({ type: "warning", message });
        });
        throw options.signal.aborted ? options.signal.reason : error;
      }
    },
    close: async () => {
      await session?.[Symbol.asyncDispose]();
      session = undefined;
    },
  };
}

/** What cannot be where nodes use their host's network: links, which need one of each node's own; ports that SSH alone leads to. */
function checkHostNetwork(
  { groups, links }: DeploymentPlan,
  { rpcVia }: Pick<RemoteDeployerOptions, "rpcVia">,
): Diagnostic[] {
  const sharing = groups.find(({ usesHostNetwork }) => usesHostNetwork === true);
  if (sharing === undefined) return [];
  const nodes = `nodes of role ${sharing.role}`;
  const onLinks = `N${nodes.slice(1)} use the network of their host, so no links can be emulated between hosts. Remove the links, or use containers on this machine (--runtime docker).`;
  const onPorts = `--rpc-via ssh: ${nodes} must reach the RPC of others between hosts. Use --rpc-via direct.`;
  return [
    ...(links === undefined ? [] : [{ code: "links" as const, message: onLinks }]),
    ...(rpcVia === "ssh" ? [{ code: "contradiction" as const, message: onPorts }] : []),
  ];
}

/** What keeps images for the hosts from being made here; where they have different processors, that is told. */
async function checkPrograms(
  plan: DeploymentPlan,
  hosts: readonly OpenHost[],
  { image }: RemoteDeployerOptions,
): Promise<Diagnostic[]> {
  const arch = hosts.find(({ spec }) => spec.nodes.length > 0)?.facts.architecture;
  if (image !== undefined || arch === undefined) return [];
  return await findProgramDiagnostics(listPrograms(plan), { os: "linux", arch });
}

/** What of the nodes and of the clients are different processors. */
function checkProcessors(
  plan: DeploymentPlan,
  hosts: readonly OpenHost[],
  { image, clients }: RemoteDeployerOptions,
): Diagnostic[] {
  const withNodes = hosts.filter(({ spec }) => spec.nodes.length > 0);
  const isMade = image === undefined ? !listPrograms(plan).every(findNamedSource) : image.kind !== "pull";
  const kinds = [
    { of: withNodes, matters: isMade },
    { of: clientHostsOf(hosts, clients), matters: clients !== undefined },
  ];
  return kinds.flatMap(({ of, matters }) => (matters ? checkArchitectures(of) : [])).slice(0, 1);
}
