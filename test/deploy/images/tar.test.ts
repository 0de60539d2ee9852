import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommand } from "../../../src/core/process/command.ts";
import { packTar, type TarEntry } from "../../../src/deploy/images/tar.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-tar-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("an archive", () => {
  test("holds folders, texts and files with their owners and permissions, for tar to read", async () => {
    const source = join(folder, "big");
    await writeFile(source, "x".repeat(300_000));
    const entries: TarEntry[] = [
      { path: "keys", mode: 0o750, owner: 1000, content: { kind: "directory" } },
      { path: "keys/key.json", mode: 0o600, owner: 1000, content: { kind: "text", text: "é" } },
      { path: "empty", mode: 0o644, content: { kind: "text", text: "" } },
      { path: "big", mode: 0o755, content: { kind: "file", source, sizeBytes: 300_000 } },
      { path: `${"long/".repeat(40)}name`, mode: 0o644, content: { kind: "text", text: "end" } },
    ];
    const archive = join(folder, "archive.tar");
    await writeFile(archive, await buffer(packTar(entries)));
    const env = { PATH: process.env.PATH, TZ: "UTC", LC_ALL: "C" };
    const list = await runCommand(["tar", "--numeric-owner", "-tvf", archive], { env, timeoutMs: 10_000 });
    const rows = list.stdout
      .trim()
      .split("\n")
      .map((row) => row.split(/\s+/));
    const seen = rows.map(([mode, owner, size, , , path]) => [mode, owner, size, path]);
    expect(seen).toEqual([
      ["drwxr-x---", "1000/1000", "0", "keys"],
      ["-rw-------", "1000/1000", "2", "keys/key.json"],
      ["-rw-r--r--", "0/0", "0", "empty"],
      ["-rwxr-xr-x", "0/0", "300000", "big"],
      ["-rw-r--r--", "0/0", "3", `${"long/".repeat(40)}name`],
    ]);
    expect(await buffer(packTar(entries))).toEqual(await buffer(packTar(entries)));
  });

  test("fails where a file is missing or shorter than was said", async () => {
    const source = join(folder, "file");
    const entry: TarEntry = { path: "f", mode: 0o644, content: { kind: "file", source, sizeBytes: 10 } };
    await expect(buffer(packTar([entry]))).rejects.toThrow("ENOENT");
    await writeFile(source, "0123456789");
    await truncate(source, 5);
    await expect(buffer(packTar([entry]))).rejects.toThrow("Size mismatch");
  });
});
