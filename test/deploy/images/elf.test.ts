import { arch, platform } from "node:os";
import { describe, expect, test } from "vitest";
import { parseElf, readElf } from "../../../src/deploy/images/elf.ts";

/** The head of an ELF file with one segment behind it. */
function headOf({ wide = true, little = true, machine = 62, segment = 1 }): Buffer {
  const head = Buffer.alloc(128);
  head.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2]);
  const half = (value: number, at: number) =>
    little ? head.writeUInt16LE(value, at) : head.writeUInt16BE(value, at);
  const word = (value: number, at: number) =>
    little ? head.writeUInt32LE(value, at) : head.writeUInt32BE(value, at);
  half(machine, 18);
  if (wide) word(64, little ? 32 : 36);
  else word(64, 28);
  half(32, wide ? 54 : 42);
  half(1, wide ? 56 : 44);
  word(segment, 64);
  return head;
}

describe("the head of an executable", () => {
  test.each([
    [{}, { architecture: "amd64", dynamic: false }],
    [{ segment: 3 }, { architecture: "amd64", dynamic: true }],
    [
      { machine: 183, segment: 3 },
      { architecture: "arm64", dynamic: true },
    ],
    [
      { wide: false, machine: 40, segment: 3 },
      { architecture: "arm", dynamic: true },
    ],
    [
      { little: false, machine: 22, segment: 3 },
      { architecture: "s390x", dynamic: true },
    ],
    [{ machine: 999 }, { architecture: "machine 999", dynamic: false }],
  ])("%j", (options, expected) => {
    expect(parseElf(headOf(options))).toMatchObject(expected);
  });

  test("what is none, or is cut off, is no program", () => {
    expect(parseElf(Buffer.from("#!/bin/sh\n".repeat(20)))).toBeUndefined();
    expect(parseElf(headOf({}).subarray(0, 40))).toBeUndefined();
    expect(parseElf(Buffer.alloc(0))).toBeUndefined();
    // A table of segments beyond the end.
    expect(parseElf(headOf({ segment: 3 }).subarray(0, 64))).toMatchObject({ dynamic: false });
  });

  test.runIf(platform() === "linux")("this Node.js's own", async () => {
    const architecture = { x64: "amd64", arm64: "arm64" }[arch() as string];
    expect(await readElf(process.execPath)).toMatchObject({
      architecture,
      arch: arch(),
      isProgram: true,
      dynamic: true,
      loader: expect.stringMatching(/^\/lib.*\/ld-/),
    });
    expect(await readElf(import.meta.filename)).toBeUndefined();
    await expect(readElf("/no/such/file")).rejects.toMatchObject({ code: "ENOENT" });
  });
});
