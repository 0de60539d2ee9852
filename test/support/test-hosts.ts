/** Hosts for tests: containers with sshd, apart from a user's testbed and from those of other copies of the project. */
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { homedir, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { BaleenError } from "../../src/core/errors.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { type DockerTools, findDocker } from "../../src/deploy/docker/deployer.ts";
import { ensureBaseImage } from "../../src/deploy/testbed/base-image.ts";
import { hostImageName } from "../../src/deploy/testbed/image.ts";
import type { TestHost } from "../../src/deploy/testbed/layout.ts";
import { removeTestbed } from "../../src/deploy/testbed/state.ts";
import { chooseAddressing, type TestbedUpOptions, testbedUp } from "../../src/deploy/testbed/up.ts";

const probe = await findDocker({ env: process.env, home: homedir(), signal: AbortSignal.timeout(30_000) });

/** For the hook that starts hosts: the first time their image is made. */
export const testHostsLimitMs = 600_000;

/** Why there can be no test hosts here; undefined where there can. */
export const whyNoTestHosts = probe.available ? await findWhyNoSystem(probe.docker) : probe.reason;

/** Without a registry, without a mirror or without root there may be no Debian to make a host of. */
async function findWhyNoSystem({ engine, env }: DockerTools): Promise<string | undefined> {
  const names = [true, false].map((docker) => hostImageName({ docker }));
  const images = await Promise.all(names.map((name) => engine.inspectImage(name)));
  if (!images.includes(undefined)) return undefined;
  const signal = AbortSignal.timeout(testHostsLimitMs);
  try {
    await ensureBaseImage({ engine, env, signal, onStep: () => {} });
    return undefined;
  } catch (error) {
    if (error instanceof BaleenError && error.code === "testbed") return error.message;
    throw error;
  }
}

/**
 * The same for every run of this copy of the project, so that the next test finds what a killed one has left, and
 * replaces it.
 */
const copy = createHash("sha256").update(process.cwd()).digest();
/** Files that run at the same time have hosts of their own. */
const worker = Number(process.env.VITEST_POOL_ID ?? 0);

export interface TestHosts extends AsyncDisposable {
  readonly hosts: readonly TestHost[];
  /** As `--hosts` takes it. */
  readonly hostsFile: string;
  readonly knownHostsFile: string;
  readonly keyFile: string;
  /** Runs a command in a host as root, past SSH: to break something there, or to see what is there. */
  readonly inside: (host: number, ...argv: string[]) => Promise<string>;
  /** Runs a command through the ssh command, which believes no host key but the one that was written down. */
  readonly ssh: (host: number, command: string) => Promise<string>;
}

export interface TestHostsRequest {
  readonly count: number;
  /** With an engine in each. */
  readonly docker: boolean;
  /** Publish the nodes' ports too; SSH alone starts faster. Default true. */
  readonly nodePorts?: boolean;
  /** Tells hosts that one test has at the same time apart, 0 to 7. Default 0. */
  readonly set?: number;
}

/** What `testbedUp` and `testbedDown` are given for the hosts of a test. */
export async function testHostsOptions(
  request: TestHostsRequest,
): Promise<TestbedUpOptions & { folder: string }> {
  const { engine, env } = docker();
  const { count, docker: withDocker, nodePorts = true, set = 0 } = request;
  const name = `baleen-test-${copy.toString("hex", 0, 4)}-${worker}-${set}`;
  const folder = join(tmpdir(), `${name} it's "state"`);
  await mkdir(folder, { recursive: true });
  const addresses = `127.${16 + ((copy[4] ?? 0) % 200)}.${((copy[5] ?? 0) + 8 * worker + set) % 256}`;
  const chosen = await chooseAddressing(platform(), { prefix: addresses, firstPort: 2222 });
  const addressing = { ...chosen, nodePorts: chosen.nodePorts && nodePorts };
  return {
    ...{ engine, env, count, name, prefix: name, addressing, range: 0, folder, docker: withDocker },
    stateDir: join(folder, "state"),
    hostsFile: join(folder, "hosts.env"),
    onStep: () => {},
    signal: AbortSignal.timeout(testHostsLimitMs),
  };
}

/** Starts hosts; disposing of them removes them and all that belongs to them. */
export async function startTestHosts(request: TestHostsRequest): Promise<TestHosts> {
  const options = await testHostsOptions(request);
  const { hosts, hostsFile, knownHostsFile } = await testbedUp(options);
  const host = (index: number) => {
    const found = hosts[index];
    if (found === undefined) throw new Error(`there is no test host ${index}`);
    return found;
  };
  const keyFile = host(0).keyFile;
  return {
    ...{ hosts, hostsFile, knownHostsFile, keyFile },
    inside: (index, ...argv) => dockerCommand("exec", host(index).name, ...argv),
    ssh: (index, command) => runSsh(host(index), { knownHostsFile, command }),
    [Symbol.asyncDispose]: async () => {
      // Also where a failed test's run still uses them.
      await removeTestbed({ ...options, signal: AbortSignal.timeout(90_000) });
      await rm(options.folder, { recursive: true, force: true });
    },
  };
}

export function docker(): DockerTools {
  if (!probe.available) throw new Error(probe.reason);
  return probe.docker;
}

/** The docker command's output. */
export async function dockerCommand(...args: string[]): Promise<string> {
  const { stdout } = await runCommand(["docker", ...args], { env: docker().env, timeoutMs: 60_000 });
  return stdout.trim();
}

async function runSsh(
  { address, sshPort, user, keyFile }: TestHost,
  { knownHostsFile, command }: { knownHostsFile: string; command: string },
): Promise<string> {
  const options = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=yes",
    // Words of the value are files: quotes keep a path together, and a backslash keeps its quotes apart from them.
    `UserKnownHostsFile="${knownHostsFile.replaceAll('"', '\\"')}"`,
    "GlobalKnownHostsFile=/dev/null",
  ];
  const argv = [
    ...["ssh", "-F", "none", "-p", String(sshPort), "-i", keyFile],
    ...options.flatMap((option) => ["-o", option]),
    ...[`${user}@${address}`, command],
  ];
  const { stdout } = await runCommand(argv, { env: { PATH: process.env.PATH }, timeoutMs: 60_000 });
  return stdout.trim();
}
