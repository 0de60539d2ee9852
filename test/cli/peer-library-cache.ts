/** Peer libraries that other tests have installed serve each setting of commands. */
import { mkdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import type { Setting } from "./setting.ts";

export const cacheDir = env.BALEEN_TEST_CACHE ?? join(tmpdir(), "baleen-test-cache");

export async function shareLibraries({ stateDir }: Pick<Setting, "stateDir">): Promise<void> {
  const shared = join(cacheDir, "peer-libraries");
  await mkdir(shared, { recursive: true });
  await mkdir(stateDir, { recursive: true });
  await symlink(shared, join(stateDir, "peer-libraries"));
}
