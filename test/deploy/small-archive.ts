import { mkdir, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import type { NodeProgram } from "../../src/contracts/deployment.ts";
import type { ImageArchive, ImageArchiveRequest } from "../../src/deploy/images/archive.ts";
import { prepareImageArchive } from "../../src/deploy/images/archive.ts";

/** This machine's processor, as Docker says it. */
export const ownArchitecture = arch() === "x64" ? "amd64" : arch();

/** A program of one file, and whatever binary is to stand for Node.js: a small one packs fast. */
export async function requestSmallArchive(
  folder: string,
  text: string,
  nodeBinary = "/bin/true",
): Promise<ImageArchiveRequest & { readonly program: NodeProgram }> {
  const root = join(folder, "program");
  await mkdir(join(root, "lib"), { recursive: true });
  await writeFile(join(root, "main.mjs"), text);
  await writeFile(join(root, "lib", "part.mjs"), "// a part");
  const program: NodeProgram = {
    kind: "node-program",
    name: "small",
    root,
    entry: "main.mjs",
    include: ["lib"],
  };
  const cacheFolder = join(folder, "cache");
  const signal = new AbortController().signal;
  const run = "small";
  return { program, nodeBinary, env: process.env, architecture: ownArchitecture, cacheFolder, run, signal };
}

export async function prepareReady(request: ImageArchiveRequest): Promise<ImageArchive> {
  const result = await prepareImageArchive(request);
  if ("reason" in result) throw new Error(result.reason);
  return result;
}
