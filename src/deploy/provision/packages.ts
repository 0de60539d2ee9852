import { installByApt, lockWaitSecs, persist } from "./apt.ts";
import { lastWords, type Preparation, PrepareError, runByRoot } from "./preparation.ts";
import type { HostFacts } from "./survey/facts.ts";

/**
 * Installs Docker from the distribution's packages.
 *
 * Tried on Debian for real; dnf, yum and apk against stand-ins of these commands only.
 *
 * @throws PrepareError with the last words of the tool, the signal's reason
 */
export async function installDocker(preparation: Preparation): Promise<void> {
  const { facts, host, onStep } = preparation;
  const tool = facts.packageTool;
  const packages = namePackages(facts);
  const result = await (tool === "apt"
    ? installByApt(preparation, packages)
    : persist(preparation, () => {
        onStep("install-docker", `${packages.join(" ")}, by ${tool}`);
        return runByRoot(preparation, buildInstallArgv(tool, packages));
      }));
  if (result.exitCode === 0) return;
  throw new PrepareError(
    host,
    `${tool} could not install ${packages.join(" ")}: ${lastWords(result)}. ` +
      "Check that its package repositories can be reached and contain it, " +
      "or install Docker by hand (https://docs.docker.com/engine/install/).",
  );
}

/** How people install Docker on such a system, by root; undefined where no package tool of ours is there. */
export function describeInstallation(facts: HostFacts): readonly string[] | undefined {
  const { packageTool: tool } = facts;
  if (tool === "none") return undefined;
  const packages = namePackages(facts);
  return tool === "apt" ? ["apt-get", "install", "-y", ...packages] : buildInstallArgv(tool, packages);
}

function namePackages({ packageTool, osId, osIdLike }: HostFacts): string[] {
  if (packageTool === "apt") return ["docker.io"];
  if (osId === "fedora") return ["moby-engine"];
  // Their own repositories have Podman under Docker's name: it takes Docker's repository.
  const redHat = osId === "rhel" || osIdLike.includes("rhel");
  if (redHat && osId !== "amzn") return ["docker-ce", "docker-ce-cli", "containerd.io"];
  return ["docker"];
}

function buildInstallArgv(tool: "apk" | "dnf" | "yum" | "none", packages: readonly string[]): string[] {
  if (tool === "apk") return ["apk", "add", "--update-cache", "--wait", String(lockWaitSecs), ...packages];
  return [tool, "install", "-y", ...packages];
}
