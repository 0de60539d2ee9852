/** Images upon a registry's image with Node.js, for engines on which this machine's own cannot run. */
import { createHash } from "node:crypto";
import type { NodeProgram } from "../../contracts/deployment.ts";
import { cacheLabel } from "../engine/ownership.ts";
import { entrypointOf, hashFile, type ImageFile, imageHome, imageUser, placeFiles } from "./node-runtime.ts";
import { folderEntry, type TarEntry, textEntry } from "./tar.ts";

/** Taken unless the caller names another one. */
export const registryBase = "node:24-bookworm-slim";

/**
 * What is handed to the engine's builder.
 *
 * @returns `tag`: the first digits of the digest of all that is in it
 */
export async function describeBuild(
  program: NodeProgram,
  base: string,
  files: readonly ImageFile[],
): Promise<{ readonly tag: string; readonly context: readonly TarEntry[] }> {
  const dockerfile = formatDockerfile(base, program);
  const hash = createHash("sha256").update(dockerfile);
  for (const { path, executable, source } of files) {
    hash.update(JSON.stringify([path, executable, await hashFile(source)]));
  }
  const folders = [folderEntry("home"), folderEntry("app")];
  return {
    tag: hash.digest("hex").slice(0, 16),
    context: [textEntry("Dockerfile", dockerfile), ...folders, ...placeFiles("app", files)],
  };
}

function formatDockerfile(base: string, program: NodeProgram): string {
  return [
    `FROM ${base}`,
    // First, so that what a build leaves when it is given up half-way bears it too.
    `LABEL ${cacheLabel}=${JSON.stringify(program.name)}`,
    `COPY --chown=${imageUser}:${imageUser} home/ ${imageHome}/`,
    "COPY app/ /app/",
    `ENV NODE_ENV=production HOME=${imageHome}`,
    `WORKDIR ${imageHome}`,
    `USER ${imageUser}:${imageUser}`,
    `ENTRYPOINT ${JSON.stringify(entrypointOf(program))}`,
    "",
  ].join("\n");
}
