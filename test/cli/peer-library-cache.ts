/** Peer libraries that other tests have installed serve each setting of commands. */
import { mkdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { usualPeerLibrary } from "../../src/contracts/peer-tests/peer-library.ts";
import { installLibrary } from "../../src/server/client-page/library/install.ts";
import { parseLibrarySource } from "../../src/server/client-page/library/peer-library.ts";
import type { Setting } from "./setting.ts";

export const cacheDir = env.BALEEN_TEST_CACHE ?? join(tmpdir(), "baleen-test-cache");

/** Installs the usual library, and others, with what npm needs on this machine: a setting's environment lacks that. */
export async function shareLibraries(
  { stateDir }: Pick<Setting, "stateDir">,
  others: readonly string[] = [],
): Promise<void> {
  for (const name of [usualPeerLibrary, ...others]) {
    await installLibrary(parseLibrarySource(name), { cacheDir, env });
  }
  await mkdir(stateDir, { recursive: true });
  await symlink(join(cacheDir, "peer-libraries"), join(stateDir, "peer-libraries"));
}
