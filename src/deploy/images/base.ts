/** Images upon a registry's image with Node.js, for engines on which this machine's own cannot run. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { NodeProgram } from "../../contracts/deployment.ts";
import { cacheLabel } from "../engine/ownership.ts";
import { entrypointOf, imageHome, imageUser, placeFiles } from "./layout.ts";
import type { ImageFile } from "./node-runtime.ts";
import type { TarEntry } from "./tar.ts";

/** Taken unless the caller names another one. */
export const registryBase = "node:24-bookworm-slim";

/** What is handed to the engine's builder. */
export interface BuildRecipe {
  /** The first digits of the digest of all that is in it. */
  readonly tag: string;
  readonly context: readonly TarEntry[];
}

export async function describeBuild(
  program: NodeProgram,
  base: string,
  files: readonly ImageFile[],
): Promise<BuildRecipe> {
  const dockerfile = formatDockerfile(base, program);
  const folder = (path: string): TarEntry => ({ path, mode: 0o755, content: { kind: "directory" } });
  const context: TarEntry[] = [
    { path: "Dockerfile", mode: 0o644, content: { kind: "text", text: dockerfile } },
    folder("home"),
    folder("app"),
    ...placeFiles("app", files),
  ];
  return { tag: await hashRecipe(dockerfile, files), context };
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

async function hashRecipe(dockerfile: string, files: readonly ImageFile[]): Promise<string> {
  const hash = createHash("sha256").update(dockerfile);
  for (const file of files) {
    const content = createHash("sha256");
    for await (const chunk of createReadStream(file.source)) content.update(chunk as Buffer);
    hash.update(JSON.stringify([file.path, file.executable, content.digest("hex")]));
  }
  return hash.digest("hex").slice(0, 16);
}
