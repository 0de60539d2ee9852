import { access, constants, open, readdir, stat } from "node:fs/promises";
import { arch, platform } from "node:os";

/** What runs a program. */
export interface MachineKind {
  /** As Node.js has it: "linux". */
  readonly platform: string;
  /** As Node.js has it: "x64". */
  readonly arch: string;
}

/** Processors of ELF files, e_machine, by Node.js' names. @see elf(5) */
const elfMachines: Readonly<Record<string, number>> = {
  ia32: 3,
  ppc64: 21,
  s390x: 22,
  arm: 40,
  x64: 62,
  arm64: 183,
  riscv64: 243,
  loong64: 258,
};
/** What runs programs of the older kind too. */
const olderKind: Readonly<Record<string, string>> = { x64: "ia32", arm64: "arm" };

const machObjects = ["feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe"];
/** Longest line by which a script names its interpreter, and more than an ELF file's headers take. */
const readBytes = 4096;

/**
 * Says why a file cannot run on a machine, judged by how it begins. The system itself would only say "exec format
 * error", or that an existing file is not there.
 *
 * @returns without a full stop; undefined where nothing speaks against it
 */
export async function findFormatFault(
  path: string,
  machine: MachineKind = { platform: platform(), arch: arch() },
): Promise<string | undefined> {
  const start = await readStart(path);
  if (start.length === 0) return "the file is empty";
  if (start.toString("latin1", 0, 2) === "#!") return await findScriptFault(start);
  if (start.toString("latin1", 0, 4) === "\x7fELF") return await findElfFault(start, machine);
  if (machObjects.includes(start.toString("hex", 0, 4))) {
    return machine.platform === "darwin"
      ? undefined
      : `it is a program for macOS, and this is ${machine.platform}`;
  }
  if (start.toString("latin1", 0, 2) === "MZ") {
    return `it is a program for Windows, and this is ${machine.platform}`;
  }
  return "it is neither a program of this system nor a script that begins with #!";
}

/**
 * Whether the kernel would not end all that is started with a file when whoever started it is gone: a script may start
 * programs of its own, and where a program changes its user the kernel forgets what it was asked for.
 *
 * @see PR_SET_PDEATHSIG(2const)
 */
export async function outlivesParent(path: string): Promise<boolean> {
  const changesUser = 0o6000;
  const mode = await stat(path).then(
    (found) => found.mode,
    () => 0,
  );
  if ((mode & changesUser) !== 0) return true;
  const start = await readStart(path).catch(() => Buffer.alloc(0));
  return start.toString("latin1", 0, 2) === "#!";
}

async function readStart(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(readBytes), 0, readBytes, 0);
  return buffer.subarray(0, bytesRead);
}

async function findScriptFault(start: Buffer): Promise<string | undefined> {
  const line = start.toString("utf8", 2).split("\n", 1)[0] ?? "";
  const interpreter = line.trim().split(/\s+/, 1)[0] ?? "";
  if (await isExecutable(interpreter)) return undefined;
  const ending = line.endsWith("\r") ? " (its lines end as on Windows)" : "";
  return `it is a script for ${JSON.stringify(interpreter)}, which cannot be executed here${ending}`;
}

async function findElfFault(start: Buffer, machine: MachineKind): Promise<string | undefined> {
  if (machine.platform !== "linux") return `it is a program for Linux, and this is ${machine.platform}`;
  const little = start[5] === 1;
  const word = (at: number) => (little ? start.readUInt16LE(at) : start.readUInt16BE(at));
  if (start.length < 64 || ![2, 3].includes(word(16))) return "it is not a whole program";
  const found = word(18);
  const own = elfMachines[machine.arch];
  const older = elfMachines[olderKind[machine.arch] ?? ""];
  if (own !== undefined && found !== own && found !== older && !(await runsOtherMachines())) {
    const name = Object.entries(elfMachines).find(([, code]) => code === found)?.[0] ?? `processor ${found}`;
    return `it is a program for ${name}, and this machine is ${machine.arch}`;
  }
  const loader = found === own && little ? readLoader(start) : undefined;
  if (loader === undefined || (await isExecutable(loader))) return undefined;
  return `it needs ${loader}, which is not here: it was made for a system with another C library`;
}

/** The loader that a 64-bit little-endian program names; undefined for one that is linked statically. */
function readLoader(start: Buffer): string | undefined {
  const [headers, size, count] = [
    Number(start.readBigUInt64LE(32)),
    start.readUInt16LE(54),
    start.readUInt16LE(56),
  ];
  const interpreterHeader = 3;
  for (let at = headers; at < headers + count * size && at + 40 <= start.length; at += size) {
    if (start.readUInt32LE(at) !== interpreterHeader) continue;
    const from = Number(start.readBigUInt64LE(at + 8));
    const text = start.toString("utf8", from, from + Number(start.readBigUInt64LE(at + 32)));
    return text.endsWith("\0") ? text.slice(0, -1) : undefined;
  }
  return undefined;
}

/** Emulators may be registered with the kernel. */
async function runsOtherMachines(): Promise<boolean> {
  const formats = await readdir("/proc/sys/fs/binfmt_misc").catch(() => []);
  return formats.some((name) => /^(?:qemu|rosetta|FEX|box64)/i.test(name));
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
