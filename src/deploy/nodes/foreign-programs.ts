/** Programs that were made elsewhere, as files of this machine. */
import { access, constants, readdir, stat } from "node:fs/promises";
import { arch, platform } from "node:os";
import type { DeploymentPlan, ForeignProgram } from "../../contracts/deployment.ts";
import { type Diagnostic, describeError, InvalidArgumentError, systemCode } from "../../core/errors.ts";
import { elfArchs, parseElf, readStart } from "../images/elf.ts";
import { hashFile } from "../images/node-runtime.ts";

export function listForeignPrograms(plan: Pick<DeploymentPlan, "groups">): ForeignProgram[] {
  const programs = plan.groups.flatMap(({ program }) =>
    program.kind === "foreign-program" ? [program] : [],
  );
  return [...new Map(programs.map((each) => [`${each.name}\n${each.path}`, each])).values()];
}

/** Why a program cannot be started as a plain process. */
export async function checkForeignProgram(program: ForeignProgram): Promise<Diagnostic | undefined> {
  const { name, path, image, remedy } = program;
  if (path === undefined) {
    const known = image === undefined ? "" : `, but only its image ${image} is known`;
    const message = `Plain processes of ${name} need its program${known}: name it with --node-binary. ${remedy}`;
    return { code: "program-missing", message };
  }
  try {
    if (!(await stat(path)).isFile()) throw new InvalidArgumentError("it is not a file");
    await access(path, constants.X_OK);
    const wrong = await findFormatDiagnostic(path);
    if (wrong !== undefined) throw new InvalidArgumentError(wrong);
    return undefined;
  } catch (error) {
    const message = `Cannot execute ${path} as ${name}: ${whyNot(error)}. ${remedy}`;
    return { code: "program-missing", message };
  }
}

function whyNot(error: unknown): string {
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such file";
    case "EACCES":
      return "this user may not execute it (chmod +x makes a file executable)";
    default:
      return describeError(error);
  }
}

/** Path, SHA-256 and size of each foreign program of a plan, by its name, for environment.json. */
export async function describeForeignPrograms(
  plan: Pick<DeploymentPlan, "groups">,
): Promise<Record<string, Record<string, unknown>>> {
  const rows = await Promise.all(
    listForeignPrograms(plan).map(async ({ name, path }) => [name, await describeFile(path)] as const),
  );
  return Object.fromEntries(rows);
}

async function describeFile(path: string | undefined): Promise<Record<string, unknown>> {
  if (path === undefined) return {};
  try {
    return { path, sha256: await hashFile(path), sizeBytes: (await stat(path)).size };
  } catch (error) {
    // It may have been replaced or removed since it was started: the results are no worse for it.
    return { path, unreadable: describeError(error) };
  }
}

/** What runs a program, as Node.js has it: "linux", "x64". */
type MachineKind = Readonly<Record<"platform" | "arch", string>>;

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
export async function findFormatDiagnostic(
  path: string,
  machine: MachineKind = { platform: platform(), arch: arch() },
): Promise<string | undefined> {
  const start = await readStart(path, readBytes);
  if (start.length === 0) return "the file is empty";
  if (start.toString("latin1", 0, 2) === "#!") return await findScriptDiagnostic(start);
  if (start.toString("latin1", 0, 4) === "\x7fELF") return await findElfDiagnostic(start, machine);
  if (machObjects.includes(start.toString("hex", 0, 4))) {
    return machine.platform === "darwin"
      ? undefined
      : `it is a program for macOS, but this is ${machine.platform}`;
  }
  if (start.toString("latin1", 0, 2) === "MZ") {
    return `it is a program for Windows, but this is ${machine.platform}`;
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
  const found = await stat(path).catch(() => undefined);
  if (((found?.mode ?? 0) & changesUser) !== 0) return true;
  const start = await readStart(path, readBytes).catch(() => Buffer.alloc(0));
  return start.toString("latin1", 0, 2) === "#!";
}

async function findScriptDiagnostic(start: Buffer): Promise<string | undefined> {
  const line = start.toString("utf8", 2).split("\n", 1)[0] ?? "";
  const interpreter = line.trim().split(/\s+/, 1)[0] ?? "";
  if (await isExecutable(interpreter)) return undefined;
  const ending = line.endsWith("\r") ? " (it has Windows line endings)" : "";
  return `it is a script for ${JSON.stringify(interpreter)}, which cannot be executed here${ending}`;
}

async function findElfDiagnostic(start: Buffer, machine: MachineKind): Promise<string | undefined> {
  if (machine.platform !== "linux") return `it is a program for Linux, but this is ${machine.platform}`;
  const elf = parseElf(start);
  if (elf?.isProgram !== true) return "it is incomplete";
  const { arch, loader } = elf;
  const isOwn = arch === machine.arch;
  const isForeign = elfArchs.has(machine.arch) && !isOwn;
  if (isForeign && arch !== olderKind[machine.arch] && !(await runsOtherMachines())) {
    return `it is a program for ${arch ?? elf.architecture}, but this machine is ${machine.arch}`;
  }
  if (!isOwn || loader === undefined || (await isExecutable(loader))) return undefined;
  return `it needs ${loader}, which this machine does not have: it was built for a system with another C library`;
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
