/** A Linux kernel as a process of this machine, with modules that the machine's own may lack, such as netem. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openTemporaryFolder } from "./temporary-folder.ts";

const kernel = "/usr/bin/linux.uml";

/** Why tests in it are skipped here; undefined: they are not. */
export const whyNoUserModeLinux: string | undefined =
  existsSync(kernel) && existsSync("/sbin/modprobe")
    ? undefined
    : `(SKIPPED: there is no ${kernel} or no modprobe; npm run test:full installs them as root on Debian or Ubuntu, or: apt-get install user-mode-linux kmod)`;

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

export interface UserModeOptions {
  readonly modules: readonly string[];
  readonly timeoutMs: number;
  /** Default: 512M. */
  readonly memory?: string;
}

/**
 * Runs a command in such a kernel. It has this machine's files, read-only, and folders of its own for /tmp and /run; no
 * network but lo.
 *
 * @returns all that was written to its console
 */
export async function runInUserModeLinux(
  argv: readonly string[],
  { modules, timeoutMs, memory = "512M" }: UserModeOptions,
): Promise<string> {
  await using folder = await openTemporaryFolder();
  const init = join(folder.path, "init");
  const lines = [
    "#!/bin/sh",
    "export PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    "mount -t proc proc /proc; mount -t sysfs sys /sys",
    // What it is to run may lie in /tmp, too.
    "mount -t tmpfs run /run; ip link set lo up",
    // Modprobe looks in lib/modules of a folder.
    "mkdir -p /run/kernel/lib; ln -s /usr/lib/uml/modules /run/kernel/lib/modules",
    `for module in ${modules.join(" ")}; do modprobe -d /run/kernel $module; done`,
    argv.map(quoted).join(" "),
    "halt -f",
  ];
  await writeFile(init, `${lines.join("\n")}\n`);
  await chmod(init, 0o755);
  // Blanks in the kernel's own command line cannot be quoted: a name without any leads there.
  const link = `/run/baleen-test-init-${process.pid}`;
  await symlink(init, link);
  const words = [`mem=${memory}`, "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", `init=${link}`];
  const child = spawn(kernel, [...words, "con=null", "con0=fd:0,fd:1"], {
    stdio: ["ignore", "pipe", "pipe"],
    signal: AbortSignal.timeout(timeoutMs),
    killSignal: "SIGKILL",
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  try {
    await once(child, "close");
    return said;
  } finally {
    await rm(link, { force: true });
  }
}
