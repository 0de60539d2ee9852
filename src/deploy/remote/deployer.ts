import type { Deployer, DeploymentPlan } from "../../contracts/deployment.ts";
import { BaleenError, ConfigurationError, type Diagnostic, describeError } from "../../core/errors.ts";
import { portInContainer } from "../containers/program.ts";
import { findProgramDiagnostics } from "../images/image.ts";
import { checkContainerPorts } from "../nodes/fixed-ports.ts";
import { checkOrder } from "../nodes/planned.ts";
import { checkHostList, checkOpenHosts, findDriven } from "./checks.ts";
import { clientHostsOf } from "./clients.ts";
import { deployOnHosts } from "./deployment.ts";
import type { ImageSources } from "./images.ts";
import { placeOnHosts } from "./layout.ts";
import { removeFromHosts } from "./network.ts";
import type { RemoteNodeOptions } from "./parts.ts";
import { type OpenHost, RemoteSession, type RemoteSessionOptions } from "./session.ts";
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
        ...checkHostList(plan, deployer.hosts),
        ...diagnostics,
        ...(await checkOpenHosts(hosts)),
        ...(await findDriven(hosts, deployer.run)),
        ...checkProcessors(plan, hosts, deployer),
        ...(await checkPrograms(plan, hosts, deployer)),
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

/** One image runs on one kind of processor: that of the nodes, and that of clients. */
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
  const mixed = kinds.find(
    ({ of, matters }) => matters && new Set(of.map(({ facts }) => facts.architecture)).size > 1,
  );
  if (mixed === undefined) return [];
  const shown = mixed.of.map(({ spec, facts }) => `${spec.name} ${facts.architecture ?? "unknown"}`);
  const message = `The hosts have different processors (${shown.join(", ")}), and one image runs on one kind. Use hosts of one kind, or a multi-platform image from a registry: --image NAME --pull.`;
  return [{ code: "architectures-differ", message }];
}
