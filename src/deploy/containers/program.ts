/** How the program of a node is started in a container, and what its image is. */
import type { NodeConfiguration, NodeGroup, Program } from "../../contracts/deployment.ts";
import type { Plane } from "../../contracts/nodes/node.ts";
import type { Engine } from "../engine/engine.ts";
import { programLabel } from "../images/content.ts";
import { imageHome, imageUser } from "../images/image.ts";
import { containerPorts } from "./compose-file.ts";

/** What a container's description says beside its image. */
export interface ContainerStart {
  readonly entrypoint?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly user?: string | undefined;
}

/** The port on which the nodes of a group listen in their containers. */
export function portInContainer({ ports }: Pick<NodeGroup, "ports">, plane: Plane): number {
  return ports?.[plane] ?? containerPorts[plane];
}

/** The same for what is the same program, whichever plan it is of. */
export function programKey(program: Program): string {
  return JSON.stringify(program);
}

/**
 * In an image that others made, user and home are ours all the same: the home's files are put there for that user. The
 * working folder stays, since what the image starts may be named from there. Where the node takes no arguments, it
 * gets those that the image has.
 */
export function describeStart(program: Program, { args, env }: NodeConfiguration): ContainerStart {
  if (program.kind === "node-program") return { args, env };
  // In an image that was made of its file it is what is started.
  const entrypoint = program.image === undefined ? undefined : program.entrypoint;
  return {
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(args.length === 0 && entrypoint === undefined ? {} : { args }),
    env: { HOME: imageHome, ...env },
    user: `${imageUser}:${imageUser}`,
  };
}

/** What a name of an image stood for, so that a tag that moves on can be told; of ours, which program is in it. */
export async function describeImage(
  engine: Pick<Engine, "inspectImage">,
  name: string | undefined,
): Promise<Record<string, unknown>> {
  const image = name === undefined ? undefined : await engine.inspectImage(name);
  const programSha256 = image?.labels[programLabel];
  return {
    id: image?.id,
    contentDigest: image?.contentDigest,
    registryDigests: image?.registryDigests,
    ...(programSha256 === undefined ? {} : { programSha256 }),
  };
}
