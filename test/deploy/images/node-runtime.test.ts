import { platform } from "node:os";
import { describe, expect, test } from "vitest";
import { findLibraries, parseLdd } from "../../../src/deploy/images/node-runtime.ts";

describe("what ldd says", () => {
  test("glibc: libraries and their loader", () => {
    const text = `\tlinux-vdso.so.1 (0x00007ff266940000)
\tlibstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007ff266600000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007ff26641e000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007ff266942000)
`;
    expect(parseLdd(text)).toEqual([
      "/lib/x86_64-linux-gnu/libstdc++.so.6",
      "/lib/x86_64-linux-gnu/libc.so.6",
      "/lib64/ld-linux-x86-64.so.2",
    ]);
  });

  test("a loader that is itself mapped from elsewhere", () => {
    const text = "\t/lib/ld-linux-aarch64.so.1 => /usr/lib/ld-linux-aarch64.so.1 (0x0000ffff)\n";
    expect(parseLdd(text)).toEqual(["/usr/lib/ld-linux-aarch64.so.1"]);
  });

  test.each([
    ["\tlibfoo.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x00007f)\n"],
    ["\tstatically linked\n"],
    ["\tnot a dynamic executable\n"],
    [""],
  ])("%j is of no use", (text) => {
    expect(parseLdd(text)).toBeUndefined();
  });
});

describe("the libraries of a binary", () => {
  test("of something that is no binary, or without ldd, are not known", async () => {
    expect(await findLibraries(import.meta.filename, { PATH: process.env.PATH })).toBeUndefined();
    expect(await findLibraries(process.execPath, { PATH: "/nowhere" })).toBeUndefined();
  });

  test.runIf(platform() === "linux")(
    "of this Node.js on Linux: libc and a loader, or nothing (musl)",
    async () => {
      const libraries = await findLibraries(process.execPath, { PATH: process.env.PATH });
      const musl = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
      if (musl?.header?.glibcVersionRuntime === undefined) expect(libraries).toBeUndefined();
      else expect(libraries?.some((path) => path.endsWith("/libc.so.6"))).toBe(true);
    },
  );
});
