/** Installs a peer library, and the bundler that packs it, when a page first needs them: 50 MB that others do without. */
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { catalystPeer, usualPeerLibrary } from "../../../contracts/peer-tests/peer-library.ts";
import { unlessAbsent } from "../../../core/errors.ts";
import { runCommand } from "../../../core/process/command.ts";
import type { Environment } from "../../../core/process/environment.ts";
import { findOnPath } from "../../../core/process/find-program.ts";
import { type LibrarySource, PeerLibraryError } from "./peer-library.ts";

/** Pinned versions of both, with the checksums of all that they need. */
const pinned = fileURLToPath(new URL("../../../../tools/peer-library", import.meta.url));
const files = ["package.json", "package-lock.json"];
const installTimeoutMs = 300_000;

export interface InstallPlace {
  /** Where what was installed stays, for the next time. */
  readonly cacheDir: string;
  /** Of this process: npm needs PATH, HOME and its own variables. */
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Installs with npm, without running scripts of packages; what is installed already is used again.
 *
 * @returns a folder whose node_modules has the bundler, and the library in the version that was asked for
 * @throws PeerLibraryError, CommandError where npm is missing or fails
 */
export async function installLibrary(source: LibrarySource, place: InstallPlace): Promise<string> {
  const name = source.kind === "version" ? `${catalystPeer}@${source.version}` : usualPeerLibrary;
  const lock = await readFile(join(pinned, "package-lock.json"));
  const key = createHash("sha256").update(lock).update(name).digest("hex").slice(0, 16);
  const folder = join(place.cacheDir, "peer-libraries", `${name.replaceAll("/", "_")}-${key}`);
  if ((await unlessAbsent(readFile(join(folder, "package.json")))) !== undefined) return folder;
  const npm = findOnPath("npm", place.env.PATH);
  if (npm === undefined) {
    throw new PeerLibraryError(
      `npm is needed to install ${name}, and is not in PATH. Install Node.js with npm.`,
    );
  }
  await mkdir(join(folder, ".."), { recursive: true });
  // Renamed when it is whole: one that was interrupted is never taken for it.
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    for (const file of files) await copyFile(join(pinned, file), join(unfinished, file));
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const argv = name === usualPeerLibrary ? ["ci"] : ["install", "--save-exact", name];
    const { env, signal } = place;
    await runCommand([npm, ...argv, ...quiet], { cwd: unfinished, env, signal, timeoutMs: installTimeoutMs });
    await rename(unfinished, folder).catch(async (error: unknown) => {
      // Another process was faster, with the same.
      if ((await unlessAbsent(readFile(join(folder, "package.json")))) === undefined) throw error;
    });
    return folder;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
