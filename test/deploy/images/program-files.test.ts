import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listProgramFiles } from "../../../src/deploy/images/node-runtime.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "baleen-program-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("the files of a program", () => {
  test("entry and what is included, folders with all that is in them, each once and in order", async () => {
    await mkdir(join(root, "dist", "deep"), { recursive: true });
    await writeFile(join(root, "dist", "main.js"), "main");
    await writeFile(join(root, "dist", "deep", "a.js"), "a");
    await writeFile(join(root, "package.json"), "{}");
    await writeFile(join(root, "unneeded"), "");
    await symlink(join(root, "package.json"), join(root, "dist", "link.json"));
    const files = await listProgramFiles({
      kind: "node-program",
      name: "p",
      root,
      entry: "dist/main.js",
      include: ["dist", "package.json"],
    });
    expect(files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
      ["dist/deep/a.js", 1],
      ["dist/link.json", 2],
      ["dist/main.js", 4],
      ["package.json", 2],
    ]);
  });

  test("packages go to node_modules/, from wherever they lie", async () => {
    await writeFile(join(root, "main.js"), "");
    const ws = join(root, "elsewhere", "ws");
    await mkdir(join(ws, "lib"), { recursive: true });
    await writeFile(join(ws, "package.json"), "{}");
    await writeFile(join(ws, "lib", "socket.js"), "s");
    const packages = { ws, "@scope/other": join(ws, "lib") };
    const program = { kind: "node-program", name: "p", root, entry: "main.js", include: [] } as const;
    const files = await listProgramFiles({ ...program, packages });
    expect(files.map(({ path, source }) => [path, source])).toEqual([
      ["main.js", join(root, "main.js")],
      ["node_modules/@scope/other/socket.js", join(ws, "lib", "socket.js")],
      ["node_modules/ws/lib/socket.js", join(ws, "lib", "socket.js")],
      ["node_modules/ws/package.json", join(ws, "package.json")],
    ]);
  });

  test("a missing one is named with what to do; a folder that holds itself ends", async () => {
    const program = { kind: "node-program", name: "validator", root, entry: "main.js", include: [] } as const;
    await expect(listProgramFiles(program)).rejects.toMatchObject({
      code: "program-file",
      message: `The program validator is missing: ${join(root, "main.js")}. Build it first (npm run build).`,
    });
    await writeFile(join(root, "main.js"), "");
    await mkdir(join(root, "loop"));
    await symlink(join(root, "loop"), join(root, "loop", "again"));
    await expect(listProgramFiles({ ...program, include: ["loop"] })).rejects.toMatchObject({
      code: "program-file",
    });
  });
});
