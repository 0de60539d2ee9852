import type { Deployer, DeploymentPlan, NodeProgram } from "../contracts/deployment.ts";
import {
  BaleenError,
  ConfigurationError,
  describeError,
  type Fault,
  InvalidArgumentError,
} from "../core/errors.ts";
import type { ImageSource } from "../docker/distribute.ts";
import type { Environment } from "../docker/endpoint.ts";
import type { Engine } from "../docker/engine-types.ts";
import { ImageError } from "../docker/image.ts";
import {
  describeImageArchive,
  type ImageArchiveContent,
  prepareImageArchive,
} from "../docker/image-archive.ts";
import { ownArchitecture } from "../docker/node-runtime.ts";
import { requireNodeProgram } from "./node-program.ts";
import { checkHostList, checkOpenHosts, findDriven } from "./remote-checks.ts";
import { clientHostsOf } from "./remote-clients.ts";
import { deployOnHosts, type RemoteNodeOptions } from "./remote-deployment.ts";
import { placeOnHosts } from "./remote-layout.ts";
import { removeFromHosts } from "./remote-network.ts";
import { RemoteSession, type RemoteSessionOptions } from "./remote-session.ts";

/** Where the nodes' image comes from, where it is not made here. */
export type ForeignImage =
  /** The local engine has it. */
  | { readonly kind: "engine"; readonly name: string; readonly engine: Engine }
  /** The hosts fetch it from its registry. */
  | { readonly kind: "pull"; readonly name: string };

export interface RemoteDeployerOptions extends RemoteNodeOptions, RemoteSessionOptions {
  /** Id of the run that takes the hosts' locks. */
  readonly run: string;
  /** undefined: the program's own image, made here. */
  readonly image?: ForeignImage | undefined;
  /** Absolute path of the coordinator's Node.js, for the image. */
  readonly nodeBinary: string;
  /** Where images that were made are kept for the next time. */
  readonly imageCacheFolder: string;
  /** Environment of the commands that look into this machine. */
  readonly env: Environment;
}

/** Runs the nodes of a plan as containers on hosts over SSH. Connections and locks are held until it is closed. */
export function createRemoteDeployer(deployer: RemoteDeployerOptions): Deployer {
  let session = new RemoteSession(deployer);
  let isOpen = false;
  let waysAreOpen = false;
  let sources: ImageSources | undefined;
  let early: Promise<ImageArchiveContent> | undefined;
  const open = async (signal: AbortSignal): Promise<readonly Fault[]> => {
    if (isOpen) return [];
    const faults = await session.open(deployer.run, signal);
    isOpen = faults.length === 0;
    return faults;
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
      const faults = [...(await checkOpenHosts(hosts)), ...(await findDriven(hosts, deployer.run))];
      return [...listed, ...unreachable, ...faults, ...checkProcessors(hosts, deployer)];
    },
    deploy: async (plan, options) => {
      session.tell(options.emit);
      const faults = await open(options.signal);
      if (faults.length > 0) throw new ConfigurationError(faults);
      const nodes = placeOnHosts(plan, deployer.hosts);
      try {
        sources ??= await chooseSources(plan, deployer, { session, early, signal: options.signal });
        const network = await deployOnHosts({
          ...{ session, nodes, ...sources, how: deployer, options, waysAreOpen },
        });
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

/** One image runs on one kind of processor: that of the nodes, and that of clients. */
function checkProcessors(hosts: RemoteSession["hosts"], { image, clients }: RemoteDeployerOptions): Fault[] {
  const withNodes = hosts.filter(({ spec }) => spec.nodes.length > 0);
  const kinds = [
    { of: withNodes, matters: image?.kind !== "pull" },
    { of: clientHostsOf(hosts, clients), matters: clients !== undefined },
  ];
  const mixed = kinds.filter(
    ({ of, matters }) => matters && new Set(of.map(({ facts }) => facts.architecture)).size > 1,
  );
  return mixed.slice(0, 1).map(({ of }) => mixedHosts(of));
}

function mixedHosts(hosts: RemoteSession["hosts"]): Fault {
  const shown = hosts.map(({ spec, facts }) => `${spec.name} ${facts.architecture ?? "unknown"}`);
  return {
    code: "architectures-differ",
    message: `The hosts have different processors (${shown.join(", ")}), and one image runs on one kind. Use hosts of one kind, or a multi-platform image from a registry: --image NAME --pull.`,
  };
}

/** Reads what the image for hosts like this machine holds, while they are connected to: it takes about as long. */
function describeEarly(
  plan: DeploymentPlan,
  { image, nodeBinary, env }: RemoteDeployerOptions,
  signal: AbortSignal,
): Promise<ImageArchiveContent> | undefined {
  if (image !== undefined) return undefined;
  const architecture = ownArchitecture();
  const described = describeImageArchive({
    program: onlyProgram(plan),
    nodeBinary,
    env,
    architecture,
    signal,
  });
  // Why it failed is told where it is needed.
  described.catch(() => {});
  return described;
}

/** Where the images of a network come from. */
interface ImageSources {
  readonly source: ImageSource;
  readonly clientSource?: ImageSource | undefined;
}

interface SourceTerms {
  readonly session: RemoteSession;
  readonly early: Promise<ImageArchiveContent> | undefined;
  readonly signal: AbortSignal;
}

async function chooseSources(
  plan: DeploymentPlan,
  deployer: RemoteDeployerOptions,
  { session, early, signal }: SourceTerms,
): Promise<ImageSources> {
  const { image, clients } = deployer;
  const withNodes = session.hosts.filter(({ spec }) => spec.nodes.length > 0);
  const nodes = { program: onlyProgram(plan), hosts: withNodes, early, signal };
  const source = image ?? (await makeSource(deployer, nodes));
  if (clients === undefined) return { source };
  const hosts = clientHostsOf(session.hosts, clients);
  return { source, clientSource: await makeSource(deployer, { program: clients.program, hosts, signal }) };
}

/** An image for the hosts' processor that is made here, else one that hosts build. */
async function makeSource(
  deployer: RemoteDeployerOptions,
  wanted: {
    readonly program: NodeProgram;
    readonly hosts: RemoteSession["hosts"];
    readonly early?: SourceTerms["early"];
    readonly signal: AbortSignal;
  },
): Promise<ImageSource> {
  const { program, hosts, early, signal } = wanted;
  const architecture = hosts[0]?.facts.architecture;
  if (architecture === undefined) throw new ImageError("The hosts' processor cannot be told.");
  const { nodeBinary, env, run, imageCacheFolder } = deployer;
  const made = await prepareImageArchive(
    { program, nodeBinary, env, architecture, cacheFolder: imageCacheFolder, signal },
    architecture === ownArchitecture() ? early : undefined,
  );
  if (made.state === "ready") return { kind: "archive", archive: made.archive };
  return { kind: "build", request: { program, nodeBinary, env, run } };
}

function onlyProgram(plan: DeploymentPlan): NodeProgram {
  const [program, ...others] = new Set(plan.groups.map((group) => requireNodeProgram(group.program)));
  if (program === undefined || others.length > 0) {
    throw new InvalidArgumentError("A remote network runs one program on all nodes.");
  }
  return program;
}
