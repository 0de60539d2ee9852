import type { Deployer, DeploymentPlan } from "../../contracts/deployment.ts";
import { BaleenError, ConfigurationError, type Diagnostic, describeError } from "../../core/errors.ts";
import { findProgramDiagnostic } from "../images/image.ts";
import { checkOrder } from "../nodes/exports.ts";
import { checkHostList, checkOpenHosts, findDriven } from "./checks.ts";
import { clientHostsOf } from "./clients.ts";
import { deployOnHosts } from "./deployment.ts";
import type { ImageSources } from "./images.ts";
import { placeOnHosts } from "./layout.ts";
import { removeFromHosts } from "./network.ts";
import type { RemoteNodeOptions } from "./node.ts";
import { type OpenHost, RemoteSession, type RemoteSessionOptions } from "./session.ts";
import {
  chooseSources,
  describeEarly,
  type EarlyContents,
  isNamed,
  listPrograms,
  type SourceOptions,
} from "./sources.ts";

/** `run` is the one that takes the hosts' locks, too. */
export interface RemoteDeployerOptions extends RemoteNodeOptions, RemoteSessionOptions, SourceOptions {}

/** Runs the nodes of a plan as containers on hosts over SSH. Connections and locks are held until it is closed. */
export function createRemoteDeployer(deployer: RemoteDeployerOptions): Deployer {
  let session = new RemoteSession(deployer);
  let isOpen = false;
  let waysAreOpen = false;
  let sources: ImageSources | undefined;
  let early: EarlyContents | undefined;
  const open = async (signal: AbortSignal): Promise<readonly Diagnostic[]> => {
    if (isOpen) return [];
    const diagnostics = await session.open(deployer.run, signal);
    isOpen = diagnostics.length === 0;
    return diagnostics;
  };
  const close = async () => {
    await session[Symbol.asyncDispose]();
    session = new RemoteSession(deployer);
    isOpen = false;
    waysAreOpen = false;
  };
  return {
    runtime: "docker",
    check: async (plan, signal) => {
      const listed = checkHostList(plan, deployer.hosts);
      early = describeEarly(plan, deployer, signal);
      const unreachable = await open(signal);
      const { hosts } = session;
      const diagnostics = [
        ...(await checkOpenHosts(hosts)),
        ...(await findDriven(hosts, deployer.run)),
        ...checkProcessors(plan, hosts, deployer),
        ...(await checkPrograms(plan, hosts, deployer)),
      ];
      return [...checkOrder(plan), ...listed, ...unreachable, ...diagnostics];
    },
    deploy: async (plan, options) => {
      session.notify(options.emit);
      const diagnostics = await open(options.signal);
      if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
      const nodes = placeOnHosts(plan, deployer.hosts);
      try {
        sources ??= await chooseSources(plan, deployer, session.hosts, { early, signal: options.signal });
        const how = deployer;
        const network = await deployOnHosts({ session, plan, nodes, sources, how, options, waysAreOpen });
        waysAreOpen = true;
        return network;
      } catch (error) {
        await removeFromHosts(
          session.hosts.flatMap(({ spec, engine }) => (engine === undefined ? [] : [{ spec, engine }])),
          { run: options.run, hostFlags: deployer.hostFlags },
          { volumes: true },
        ).catch((failure: unknown) => {
          const message = failure instanceof BaleenError ? failure.message : describeError(failure);
          options.emit({ type: "warning", message });
        });
        throw options.signal.aborted ? options.signal.reason : error;
      }
    },
    close,
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
  const target = { os: "linux", arch };
  const diagnostics = await Promise.all(
    listPrograms(plan).map((program) => findProgramDiagnostic(program, target)),
  );
  return diagnostics.filter((diagnostic) => diagnostic !== undefined);
}

/** One image runs on one kind of processor: that of the nodes, and that of clients. */
function checkProcessors(
  plan: DeploymentPlan,
  hosts: readonly OpenHost[],
  { image, clients }: RemoteDeployerOptions,
): Diagnostic[] {
  const withNodes = hosts.filter(({ spec }) => spec.nodes.length > 0);
  const isMade = image === undefined ? !listPrograms(plan).every(isNamed) : image.kind !== "pull";
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
