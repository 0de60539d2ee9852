/** Where the images come from that hosts are to have. */
import type { DeploymentPlan, Program } from "../../contracts/deployment.ts";
import { programKey } from "../containers/program.ts";
import { describeImageArchive, prepareImageArchive } from "../images/archive.ts";
import type { BareNode, ImageTools, PackedProgram } from "../images/content.ts";
import type { ImageSource } from "../images/distribute.ts";
import { ImageError, remedyOf } from "../images/image.ts";
import { ownArchitecture } from "../images/node-runtime.ts";
import { clientHostsOf, type RemoteClientOptions } from "./clients.ts";
import type { ImageSources } from "./images.ts";
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

/** Whether hosts fetch a program's image by its name. */
export function isNamed(program: Program): boolean {
  return program.kind === "foreign-program" && program.image !== undefined;
}

/** What is in the images of programs, by `programKey`. */
export type EarlyContents = ReadonlyMap<string, ReturnType<typeof describeImageArchive>>;

/** Reads what the images for hosts like this machine hold, while they are connected to: it takes about as long. */
export function describeEarly(
  plan: DeploymentPlan,
  options: SourceOptions,
  signal: AbortSignal,
): EarlyContents {
  if (options.image !== undefined) return new Map();
  const architecture = ownArchitecture();
  const { nodeBinary, env } = options;
  return new Map(
    listPrograms(plan)
      .filter((program) => !isNamed(program))
      .map((program) => {
        const described = describeImageArchive({ program, nodeBinary, env, architecture, signal });
        // Why it failed is told where it is needed.
        described.catch(() => {});
        return [programKey(program), described] as const;
      }),
  );
}

/** To try the ways between hosts, whose nodes may be anything. */
const bareNode: BareNode = { kind: "bare-node", name: "ways" };

/**
 * Decides where the images of a network come from, and makes those that are made here.
 *
 * @throws ImageError, ProgramFileError
 */
export async function chooseSources(
  plan: DeploymentPlan,
  options: SourceOptions,
  hosts: readonly OpenHost[],
  { early, signal }: { readonly early: EarlyContents | undefined; readonly signal: AbortSignal },
): Promise<ImageSources> {
  const { image, clients } = options;
  const withNodes = hosts.filter(({ spec }) => spec.nodes.length > 0);
  const programs = listPrograms(plan);
  const nodes = new Map<string, ImageSource>();
  for (const program of programs) {
    const key = programKey(program);
    const wanted = { program, hosts: withNodes, early: early?.get(key), signal };
    nodes.set(key, image ?? nameSource(program) ?? (await makeSource(options, wanted)));
  }
  const hasNode = programs.length === 1 && programs[0]?.kind === "node-program";
  const clientHosts = clientHostsOf(hosts, clients);
  return {
    nodes,
    hasNode,
    bareNode:
      hasNode || withNodes.length < 2
        ? undefined
        : await makeArchive(options, { program: bareNode, hosts: withNodes, signal }),
    clients: clients && (await makeSource(options, { program: clients.program, hosts: clientHosts, signal })),
  };
}

function nameSource(program: Program): ImageSource | undefined {
  if (program.kind === "node-program" || program.image === undefined) return undefined;
  return { kind: "pull", name: program.image, ifMissing: true };
}

interface WantedSource<P extends PackedProgram> {
  readonly program: P;
  readonly hosts: readonly OpenHost[];
  readonly early?: ReturnType<typeof describeImageArchive> | undefined;
  readonly signal: AbortSignal;
}

/** An image for the hosts' processor that is made here, else one that hosts build. */
async function makeSource(options: SourceOptions, wanted: WantedSource<Program>): Promise<ImageSource> {
  const { program } = wanted;
  const archive = await makeArchive(options, wanted);
  if (archive !== undefined) return archive;
  if (program.kind === "foreign-program") {
    throw new ImageError(
      `An image of ${program.name} for the hosts cannot be made here. ${remedyOf(program)}`,
    );
  }
  const { nodeBinary, env, run } = options;
  return { kind: "build", request: { program, nodeBinary, env, run } };
}

/** undefined where none can be made here. */
async function makeArchive(
  options: SourceOptions,
  { program, hosts, early, signal }: WantedSource<PackedProgram>,
): Promise<ImageSource | undefined> {
  const architecture = hosts[0]?.facts.architecture;
  if (architecture === undefined) throw new ImageError("Cannot determine the hosts' processor.");
  const { nodeBinary, env, imageCacheFolder: cacheFolder } = options;
  const archive = await prepareImageArchive(
    { program, nodeBinary, env, architecture, cacheFolder, signal },
    architecture === ownArchitecture() ? early : undefined,
  );
  return "reason" in archive ? undefined : { kind: "archive", archive };
}
