/** The node of examples/libp2p, built once for its sources. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const folder = fileURLToPath(new URL("../../examples/libp2p/", import.meta.url));
const link = `${folder}libp2p-node`;

/** The first release that fetches the one a module names by itself. */
const leastGo = 21;

function findGo(): string | undefined {
  const { stdout, error } = spawnSync("go", ["version"], { encoding: "utf8" });
  if (error) return "no Go here; install one, 1.21 or newer";
  const [, minor = "0"] = /go1\.(\d+)/.exec(stdout) ?? [];
  return Number(minor) < leastGo ? `${stdout.trim()} is older than 1.21` : undefined;
}

/** Why it cannot be built here. */
export const whyNoLibp2p = existsSync(link) ? undefined : findGo();

/** Builds it as its README says, unless it is there. @returns its path */
export async function buildLibp2p(): Promise<string> {
  await promisify(execFile)("sh", [`${folder}build.sh`]);
  return readlinkSync(link);
}
