/** What the head of an executable file says of where it runs. */
import { open } from "node:fs/promises";

/** Names of Docker and of Node.js, by e_machine. */
const machines: Readonly<Record<number, readonly [docker: string, node: string]>> = {
  3: ["386", "ia32"],
  8: ["mips", "mips"],
  21: ["ppc64le", "ppc64"],
  22: ["s390x", "s390x"],
  40: ["arm", "arm"],
  62: ["amd64", "x64"],
  183: ["arm64", "arm64"],
  243: ["riscv64", "riscv64"],
  258: ["loong64", "loong64"],
};

/** Those that a file can be for, by Node.js' names. */
export const elfArchs: ReadonlySet<string> = new Set(Object.values(machines).map(([, arch]) => arch));

/** e_type of programs: those at a fixed place, and those that may lie anywhere. */
const programTypes = [2, 3];
/** p_type of the segment that names the loader. */
const interpreterSegment = 3;
/** More than any program's headers take, which stand right behind the file's own. */
const headBytes = 16 * 1024;

/**
 * Reads the head of an executable.
 *
 * @returns undefined for what is no ELF file: a script, a program of another system
 * @throws the system's error where it cannot be read
 * @see System V ABI, "Object Files": ELF Header, Program Header
 */
export async function readElf(path: string) {
  return parseElf(await readStart(path, headBytes));
}

/** The first bytes of a file, fewer where it is shorter. */
export async function readStart(path: string, sizeBytes: number): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, 0);
  return buffer.subarray(0, bytesRead);
}

/** Parses the first bytes of a file; undefined where they are not those of an ELF file. */
export function parseElf(head: Buffer) {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const half = (at: number) => (little ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const word = (at: number) => (little ? head.readUInt32LE(at) : head.readUInt32BE(at));
  // What is beyond 4 GiB would not be in the head in any case: the lower half is enough.
  const address = (at: number) => word(wide && !little ? at + 4 : at);
  const first = address(wide ? 32 : 28);
  const [sizeBytes, count] = wide ? [half(54), half(56)] : [half(42), half(44)];
  const segments = Array.from({ length: count }, (_, i) => first + i * sizeBytes);
  const interpreter = segments.find((at) => at + 4 <= head.length && word(at) === interpreterSegment);
  const readLoader = (at: number) => {
    if (at + 40 > head.length) return undefined;
    const from = address(at + (wide ? 8 : 4));
    const text = head.toString("utf8", from, from + address(at + (wide ? 32 : 16)));
    return text.endsWith("\0") ? text.slice(0, -1) : undefined;
  };
  const machine = half(18);
  const [architecture = `machine ${machine}`, arch] = machines[machine] ?? [];
  return {
    /** As Docker says it: "amd64"; "machine 42" for one that has no such name here. */
    architecture,
    /** As Node.js says it: "x64"; undefined for one that has no such name here. */
    arch,
    /** Whether it is whole enough to be started: no object file, no dump of memory. */
    isProgram: programTypes.includes(half(16)),
    /** Whether a loader starts it, with shared libraries; others need nothing but the kernel. */
    dynamic: interpreter !== undefined,
    /** Path of that loader; undefined also where it stands beyond what was read. */
    loader: interpreter === undefined ? undefined : readLoader(interpreter),
  };
}
