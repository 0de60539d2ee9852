import { userInfo } from "node:os";
import { join } from "node:path";
import { BaleenError, describeError } from "../../core/errors.ts";
import { CommandError, runCommand } from "../../core/process/command.ts";
import { openTemporaryFolder } from "../../core/process/temporary.ts";
import { cacheLabel } from "../engine/ownership.ts";
import { runDocker, type TestbedTools } from "./docker-command.ts";

/** What test hosts are built on, where a registry has it. */
const registryBase = "debian:bookworm-slim";
/** What they are built on elsewhere: made here of Debian's packages. */
const ownBase = "baleen/testhost-base:bookworm";
const mirror = "http://deb.debian.org/debian";

/** A registry that answers at all has sent these 30 MB by then. */
const pullLimitMs = 120_000;
const installLimitMs = 180_000;
const bootstrapLimitMs = 600_000;

/**
 * Ensures that the engine has an image of Debian bookworm: one that is there, else the registry's, else one made of
 * packages by debootstrap.
 *
 * @returns its name
 */
export async function ensureBaseImage(request: TestbedTools): Promise<string> {
  const { engine, onStep, signal } = request;
  for (const name of [registryBase, ownBase]) {
    if ((await engine.inspectImage(name)) !== undefined) return name;
  }
  onStep("pulling the base image", registryBase);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(pullLimitMs)]);
  try {
    await engine.pullImage(registryBase, { onProgress: () => {}, signal: limit });
    return registryBase;
  } catch (error) {
    signal.throwIfAborted();
    await bootstrap(request, describeError(error));
    return ownBase;
  }
}

async function bootstrap(request: TestbedTools, whyNotPulled: string): Promise<void> {
  const { onStep, signal, env } = request;
  const fail = (why: string, cause?: unknown) =>
    new BaleenError(
      "testbed",
      `Cannot make an image for test hosts: ${whyNotPulled.replace(/\.$/, "")}; and debootstrap cannot make one: ${why} ` +
        `Load an image by hand (docker load) and name it ${registryBase}, or run this as root on Debian or Ubuntu.`,
      { cause },
    );
  if (userInfo().uid !== 0) throw fail("it needs root.");
  await using folder = await openTemporaryFolder("testbed");
  try {
    onStep("making the base image from Debian packages", ownBase);
    const tree = join(folder.path, "root");
    await bootstrapDebian(tree, { env, signal, onStep });
    const archive = join(folder.path, "root.tar");
    const tar = ["tar", "-C", tree, "--exclude=./var/cache/apt/archives/*.deb", "-cf", archive, "."];
    await runCommand(tar, { env, signal, timeoutMs: installLimitMs });
    const label = `LABEL ${cacheLabel}="testhost-base"`;
    await runDocker("import the base image", ["import", "--change", label, archive, ownBase], {
      env,
      signal,
      timeoutMs: installLimitMs,
    });
  } catch (error) {
    if (error instanceof CommandError) throw fail(`${error.message}.`, error);
    throw error;
  }
}

interface BootstrapRequest extends Omit<TestbedTools, "engine"> {
  /** Packages beside those that every Debian has. */
  readonly include?: readonly string[];
}

/**
 * Makes a tree of Debian bookworm's packages, and installs debootstrap for it where there is none. Root alone can.
 *
 * @throws CommandError
 */
export async function bootstrapDebian(tree: string, request: BootstrapRequest): Promise<void> {
  const { env, signal, include = [] } = request;
  await ensureDebootstrap(request);
  const more = include.length > 0 ? [`--include=${include.join(",")}`] : [];
  // What it mounts in the tree is gone with it, however it ends: the tree is removed with all that is in it.
  const argv = ["unshare", "--mount", "debootstrap", "--variant=minbase", ...more, "bookworm", tree, mirror];
  await runCommand(argv, { env, signal, timeoutMs: bootstrapLimitMs });
}

async function ensureDebootstrap({ env, signal, onStep }: BootstrapRequest): Promise<void> {
  try {
    await runCommand(["debootstrap", "--version"], { env, signal, timeoutMs: 10_000 });
  } catch (error) {
    if (!(error instanceof CommandError && error.reason === "not-found")) throw error;
    onStep("installing debootstrap", "apt-get");
    const apt = { env: { ...env, DEBIAN_FRONTEND: "noninteractive" }, signal, timeoutMs: installLimitMs };
    await runCommand(["apt-get", "update", "-qq"], apt);
    await runCommand(["apt-get", "install", "-y", "-qq", "debootstrap"], apt);
  }
}
