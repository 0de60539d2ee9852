/** Where the images come from that hosts are to have. */
import type { DeploymentPlan, Program } from "../../contracts/deployment.ts";
import { programKey } from "../containers/program.ts";
import { prepareImageArchive } from "../images/archive.ts";
import type { BareNode, ImageTools, PackedProgram } from "../images/content.ts";
import type { ImageSource } from "../images/distribute.ts";
import { ImageError, registryBase, remedyOf } from "../images/image.ts";
import { ownArchitecture } from "../images/node-runtime.ts";
import { describeImage } from "../images/own-image.ts";
import { shaperProgram } from "../links/program.ts";
import { clientHostsOf } from "./clients.ts";
import type { ImageSources } from "./images.ts";
import type { RemoteClientOptions } from "./parts.ts";
import type { OpenHost } from "./session.ts";

/** Where the nodes' image comes from, where it is not made here. */
export type ForeignImage = Extract<ImageSource, { readonly kind: "engine" | "pull" }>;

/** How images are made on this machine, and for whom. */
export interface SourceOptions extends ImageTools {
  readonly run: string;
  /** undefined: each program's own. */
  readonly image?: ForeignImage | undefined;
  /** Where images that were made are kept for the next time. */
  readonly imageCacheFolder: string;
  readonly clients?: RemoteClientOptions | undefined;
}

export function listPrograms(plan: DeploymentPlan): readonly Program[] {
  return [...new Map(plan.groups.map(({ program }) => [programKey(program), program])).values()];
}

/** The image of a program that hosts fetch by its name. */
export function findNamedSource(program: Program): ImageSource | undefined {
  if (program.kind === "node-program" || program.image === undefined) return undefined;
  return { kind: "pull", name: program.image, ifMissing: true };
}

/** To try the ways between hosts, whose nodes may be anything. */
const bareNode: BareNode = { kind: "bare-node", name: "ways" };

const shaperFor = (hosts: readonly OpenHost[]) =>
  shaperProgram(hosts[0]?.facts.architecture ?? ownArchitecture());

export function openImageSources(options: SourceOptions) {
  const { image, clients, nodeBinary, env, run, imageCacheFolder: cacheFolder } = options;
  /** What is in the images for hosts like this machine, by program. */
  const early = new Map<PackedProgram, ReturnType<typeof describeImage>>();

  /** undefined where none can be made here. */
  async function makeArchive(
    program: PackedProgram,
    hosts: readonly OpenHost[],
    signal: AbortSignal,
  ): Promise<ImageSource | undefined> {
    const architecture = hosts[0]?.facts.architecture;
    if (architecture === undefined) throw new ImageError("Cannot determine the hosts' processor.");
    const archive = await prepareImageArchive(
      { program, nodeBinary, env, architecture, cacheFolder, run, signal },
      architecture === ownArchitecture() ? early.get(program) : undefined,
    );
    return "reason" in archive ? undefined : { kind: "archive", archive };
  }

  /** An image for the hosts' processor that is made here, else one that hosts build. */
  async function makeSource(
    program: Program,
    hosts: readonly OpenHost[],
    signal: AbortSignal,
  ): Promise<ImageSource> {
    const archive = await makeArchive(program, hosts, signal);
    if (archive !== undefined) return archive;
    if (program.kind === "node-program") return { kind: "build", request: { program, nodeBinary, env, run } };
    throw new ImageError(
      `An image of ${program.name} for the hosts cannot be made here. ${remedyOf(program)}`,
    );
  }

  return {
    /** Node.js by itself, for hosts of one kind of processor; where it cannot be made here, hosts fetch one. */
    chooseBareNode: async (hosts: readonly OpenHost[], signal: AbortSignal): Promise<ImageSource> =>
      (await makeArchive(bareNode, hosts, signal)) ?? { kind: "pull", name: registryBase, ifMissing: true },
    /** Reads what the images for hosts like this machine hold, while they are connected to: it takes about as long. */
    readEarly: (plan: DeploymentPlan, signal: AbortSignal): void => {
      if (image !== undefined) return;
      const target = { os: "linux", arch: ownArchitecture() };
      for (const program of listPrograms(plan)) {
        if (findNamedSource(program) !== undefined) continue;
        const described = describeImage(program, target, { nodeBinary, env, signal });
        // Why it failed is told where it is needed.
        described.catch(() => {});
        early.set(program, described);
      }
    },
    /**
     * Decides where the images of a network come from, and makes those that are made here.
     *
     * @throws ImageError, ProgramFileError
     */
    choose: async (
      plan: DeploymentPlan,
      hosts: readonly OpenHost[],
      signal: AbortSignal,
    ): Promise<ImageSources> => {
      const withNodes = hosts.filter(({ spec }) => spec.nodes.length > 0);
      const programs = listPrograms(plan);
      const nodes = new Map<string, ImageSource>();
      for (const program of programs) {
        const source = image ?? findNamedSource(program) ?? (await makeSource(program, withNodes, signal));
        nodes.set(programKey(program), source);
      }
      const hasNode = programs.length === 1 && programs[0]?.kind === "node-program";
      const isProbed = !hasNode && withNodes.length > 1;
      return {
        nodes,
        hasNode,
        bareNode: isProbed ? await makeArchive(bareNode, withNodes, signal) : undefined,
        shaper: plan.links && (await makeSource(shaperFor(withNodes), withNodes, signal)),
        clients: clients && (await makeSource(clients.program, clientHostsOf(hosts, clients), signal)),
      };
    },
  };
}
