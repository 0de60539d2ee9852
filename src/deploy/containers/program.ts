/** How the program of a node is put into a container and started there, and what its image is. */
import { basename, dirname } from "node:path";
import type { NodeConfiguration, NodeFile, Program } from "../../contracts/deployment.ts";
import type { Plane } from "../../contracts/nodes/node.ts";
import type { Engine } from "../engine/engine.ts";
import { programLabel } from "../images/content.ts";
import { imageHome, imageUser } from "../images/image.ts";
import { folderEntry, packTar, textEntry } from "../images/tar.ts";
import { fixedPort } from "../nodes/fixed-ports.ts";
import type { GroupedNode } from "../nodes/planned.ts";
import { type ContainerStart, containerPorts } from "./compose-file.ts";

/** The port on which a node listens in its container. */
export function portInContainer(node: Pick<GroupedNode, "group" | "index">, plane: Plane): number {
  return fixedPort(node, plane) ?? containerPorts[plane];
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

/**
 * Lays a node's files into the home of its container, which need not run. The home itself goes to our user: its volume
 * belongs to root in an image that has no such folder.
 */
export async function putNodeFiles(
  engine: Engine,
  containerId: string,
  files: readonly NodeFile[],
): Promise<void> {
  const home = basename(imageHome);
  const placed = files.map((file) => ({ ...file, path: `${home}/${file.path}` }));
  // From above: what an archive says of the folder that it is unpacked into is not heeded.
  const folders = new Set([home]);
  for (const file of placed) {
    for (let path = dirname(file.path); path !== "."; path = dirname(path)) folders.add(path);
  }
  const entries = [
    ...[...folders].sort().map(folderEntry),
    ...placed.map(({ path, content, mode }) => textEntry(path, content, mode)),
  ].map((entry) => ({ ...entry, owner: imageUser }));
  await engine.putArchive(containerId, packTar(entries), dirname(imageHome));
}
