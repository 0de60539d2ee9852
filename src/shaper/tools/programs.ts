import { spawnSync } from "node:child_process";
import { accessSync, constants, lstatSync } from "node:fs";
import { ShaperError } from "../error.ts";
import type { Libc } from "../kernel/libc.ts";

const folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
/** Where a container sees the file system of its machine: mounted there, or as its first process has it. */
const machineRoots = ["/machine", "/proc/1/root"];
const ownFileSystem = 0x200;
const timeoutMs = 10_000;
const mostOutputBytes = 16 * 1024 * 1024;
const packages = {
  bridge: "iproute2",
  ip: "iproute2",
  iptables: "iptables",
  "iptables-restore": "iptables",
  tc: "iproute2",
} as const;

export type Program = keyof typeof packages;

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Programs of the machine, run in the network namespace of the calling thread. In a container they are those of the
 * machine around it, where the container can see it and has none of its own: the calling thread then has the file system
 * of the machine from the first of them on.
 */
export class Programs {
  readonly #libc: Libc;
  #isOutside = false;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  has(program: Program): boolean {
    return this.#find(program) !== undefined;
  }

  /** @throws ShaperError where the program is not installed, does not start, or does not end */
  run(program: Program, args: readonly string[], input = ""): Outcome {
    const path = this.#find(program);
    if (path === undefined) {
      const name = packages[program];
      throw new ShaperError(`${program} is not installed. Install it (apt-get install ${name}).`);
    }
    const env = { PATH: folders.join(":") };
    const options = { input, env, timeout: timeoutMs, maxBuffer: mostOutputBytes, encoding: "utf8" } as const;
    const { status, stdout, stderr, error } = spawnSync(path, args, options);
    if (error) throw new ShaperError(`Cannot run ${path}: ${error.message}.`, { cause: error });
    return { exitCode: status, stdout, stderr };
  }

  /** @throws ShaperError, also where it fails */
  check(program: Program, args: readonly string[], input = ""): string {
    const { exitCode, stdout, stderr } = this.run(program, args, input);
    if (exitCode === 0) return stdout;
    throw new ShaperError(
      `${[program, ...args].join(" ")} failed: ${stderr.trim() || `exit code ${exitCode}`}`,
    );
  }

  #find(program: Program): string | undefined {
    const own = findIn("", program);
    if (own !== undefined || this.#isOutside) return own;
    const root = machineRoots.find((folder) => findIn(folder, program) !== undefined);
    if (root === undefined) return undefined;
    this.#leaveContainer(root);
    return findIn("", program);
  }

  #leaveContainer(machineRoot: string): void {
    const libc = this.#libc;
    const what = `see the machine's programs in ${machineRoot}. Shaping needs root`;
    libc.check(libc.unshare(ownFileSystem), what);
    libc.check(libc.chroot(machineRoot), what);
    libc.check(libc.chdir("/"), what);
    this.#isOutside = true;
  }
}

function findIn(root: string, program: string): string | undefined {
  return folders
    .map((folder) => `${folder}/${program}`)
    .find((path) => {
      try {
        // From outside a link there (/etc/alternatives) would lead elsewhere.
        if (root === "") accessSync(path, constants.X_OK);
        else lstatSync(`${root}${path}`);
        return true;
      } catch {
        return false;
      }
    });
}
