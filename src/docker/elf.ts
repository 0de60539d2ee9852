/** What the head of an executable file says of where it runs. */
import { open } from "node:fs/promises";

/** An executable of Linux (and of most other systems with ELF files). */
export interface ElfProgram {
  /** As Docker says it: "amd64"; "machine 42" for one that has no such name here. */
  readonly architecture: string;
  /** Whether a loader starts it, with shared libraries; others need nothing but the kernel. */
  readonly dynamic: boolean;
}

/** e_machine. */
const machines: Readonly<Record<number, string>> = {
  3: "386",
  8: "mips",
  21: "ppc64le",
  22: "s390x",
  40: "arm",
  62: "amd64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};

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
export async function readElf(path: string): Promise<ElfProgram | undefined> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(headBytes);
    const { bytesRead } = await file.read(head, 0, headBytes, 0);
    return parseElf(head.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** Parses the first bytes of a file; undefined where they are not those of an ELF file. */
export function parseElf(head: Buffer): ElfProgram | undefined {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const wide = head[4] === 2;
  const little = head[5] === 1;
  const half = (at: number) => (little ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const word = (at: number) => (little ? head.readUInt32LE(at) : head.readUInt32BE(at));
  // A table beyond 4 GiB would not be in the head in any case: its lower half is enough.
  const first = wide ? word(little ? 32 : 36) : word(28);
  const [sizeBytes, count] = wide ? [half(54), half(56)] : [half(42), half(44)];
  const segments = Array.from({ length: count }, (_, i) => first + i * sizeBytes);
  const dynamic = segments.some((at) => at + 4 <= head.length && word(at) === interpreterSegment);
  const machine = half(18);
  return { architecture: machines[machine] ?? `machine ${machine}`, dynamic };
}
