import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFormatDiagnostic, outlivesParent } from "../../../src/deploy/nodes/foreign-programs.ts";
import { chooseLifeLine } from "../../../src/deploy/process/life-line.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

async function diagnosticOf(content: string | Uint8Array, machine = { platform: "linux", arch: "x64" }) {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "program");
  await writeFile(path, content);
  await chmod(path, 0o755);
  return await findFormatDiagnostic(path, machine);
}

/** An ELF file of 64 bits for a processor, with a loader unless it is "". */
function buildElf({ type = 2, machine = 62, loader = "" }): Buffer {
  const file = Buffer.alloc(256);
  file.write("\x7fELF", "latin1");
  file.set([2, 1, 1], 4);
  file.writeUInt16LE(type, 16);
  file.writeUInt16LE(machine, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(loader === "" ? 0 : 1, 56);
  file.writeUInt32LE(3, 64);
  file.writeBigUInt64LE(128n, 72);
  file.writeBigUInt64LE(BigInt(loader.length + 1), 96);
  file.write(`${loader}\0`, 128);
  return file;
}

describe("what keeps a file from being run", () => {
  test("is nothing with the Node.js that runs this", async () => {
    expect(await findFormatDiagnostic(process.execPath)).toBeUndefined();
  });

  test.each([
    { name: "a program", content: buildElf({}) },
    { name: "one that may lie anywhere", content: buildElf({ type: 3 }) },
    { name: "one with a loader that is here", content: buildElf({ loader: "/bin/sh" }) },
    { name: "one of the older kind", content: buildElf({ machine: 3 }) },
    { name: "a script", content: "#!/bin/sh\nexit 0\n" },
    { name: "a script with blanks and arguments", content: "#! /usr/bin/env  node\n" },
  ])("is nothing with $name", async ({ content }) => {
    expect(await diagnosticOf(content)).toBeUndefined();
  });

  test.each([
    { content: "", why: "the file is empty" },
    {
      content: "echo hello\n",
      why: "it is neither a program of this system nor a script that begins with #!",
    },
    {
      content: "#!/no/such/python\n",
      why: 'it is a script for "/no/such/python", which cannot be executed here',
    },
    { content: buildElf({ type: 1 }), why: "it is incomplete" },
    { content: buildElf({}).subarray(0, 20), why: "it is incomplete" },
    {
      content: buildElf({ loader: "/lib/ld-elsewhere.so.1" }),
      why: "it needs /lib/ld-elsewhere.so.1, which this machine does not have: it was built for a system with another C library",
    },
    { content: Buffer.from("cffaedfe07000001", "hex"), why: "it is a program for macOS, but this is linux" },
    { content: "MZ\x90\0", why: "it is a program for Windows, but this is linux" },
    {
      content: buildElf({}),
      machine: { platform: "darwin", arch: "arm64" },
      why: "it is a program for Linux, but this is darwin",
    },
  ])("is: $why", async ({ content, machine, why }) => {
    expect(await diagnosticOf(content, machine)).toBe(why);
  });

  test("is that its lines end as on Windows, where they do", async () => {
    expect(await diagnosticOf("#!/no/sh\r\nexit 0\r\n")).toMatch(
      /^it is a script for "\/no\/sh".*Windows line endings\)$/,
    );
  });

  test("is another processor, which is named", async () => {
    const [other, machine] = arch() === "arm64" ? ["x64", 62] : ["arm64", 183];
    const found = await diagnosticOf(buildElf({ machine }), { platform: "linux", arch: arch() });
    const emulators = await readdir("/proc/sys/fs/binfmt_misc").catch(() => []);
    if (emulators.some((name) => name.startsWith("qemu"))) expect(found).toBeUndefined();
    else expect(found).toBe(`it is a program for ${other}, but this machine is ${arch()}`);
  });

  test.runIf(platform() === "linux")("is a loader that is not here, of a real program", async () => {
    const program = await readFile("/bin/true");
    const at = program.indexOf("/ld-linux");
    expect(at).toBeGreaterThan(0);
    program.write("/no", at);
    const machine = { platform: "linux", arch: arch() };
    expect(await diagnosticOf(program, machine)).toMatch(/^it needs \/lib.*\/no-linux.*another C library$/);
  });
});

describe("what the kernel would leave behind", () => {
  test.each([
    { name: "a program", content: buildElf({}), mode: 0o755, outlives: false },
    { name: "a script", content: "#!/bin/sh\n", mode: 0o755, outlives: true },
    { name: "a program that changes its user", content: buildElf({}), mode: 0o4755, outlives: true },
    { name: "a program that changes its group", content: buildElf({}), mode: 0o2755, outlives: true },
  ])("$name: $outlives", async ({ content, mode, outlives }) => {
    await using folder = await openTemporaryFolder();
    const path = join(folder.path, "program");
    await writeFile(path, content);
    await chmod(path, mode);
    expect(await outlivesParent(path)).toBe(outlives);
    const program = { kind: "foreign-program", name: "p", path, remedy: "" } as const;
    const group = { role: "p", count: 1, program, planes: [], configure: () => ({ args: [], files: [] }) };
    const usual = platform() === "linux" ? "kernel" : "keeper";
    expect(await chooseLifeLine({ groups: [group] })).toBe(outlives ? "keeper" : usual);
  });

  test("a file that is not there is nothing to fear", async () => {
    expect(await outlivesParent("/no/such/program")).toBe(false);
  });
});
