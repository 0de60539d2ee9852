import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommand } from "../../../src/core/process/command.ts";
import { openTemporaryFolder } from "../../../src/core/process/temporary.ts";
import { prepareImageArchive } from "../../../src/deploy/images/archive.ts";
import { prepareReady, requestSmallArchive } from "../small-archive.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-archive-"));
});
afterEach(() => rm(folder, { recursive: true }));

function tar(...words: string[]): Promise<string> {
  const options = { env: { PATH: process.env.PATH, LC_ALL: "C" }, timeoutMs: 20_000 };
  return runCommand(["tar", "--numeric-owner", ...words], options).then(({ stdout }) => stdout);
}

describe.skipIf(platform() !== "linux")("the archive of an image (made on Linux only)", () => {
  test("holds layers of the digests that its configuration names, and starts the program", async () => {
    const archive = await prepareReady(await requestSmallArchive(folder, "one"));
    const path = join(folder, "archive.tar.gz");
    await writeFile(path, await buffer(archive.open()));
    expect((await stat(path)).size).toBe(archive.sizeBytes);
    const unpacked = join(folder, "unpacked");
    await mkdir(unpacked);
    await tar("-xzf", path, "-C", unpacked);
    const [manifest] = JSON.parse(await readFile(join(unpacked, "manifest.json"), "utf8"));
    expect(manifest.RepoTags).toBeNull();
    const text = await readFile(join(unpacked, manifest.Config), "utf8");
    const digest = (content: Buffer | string) => createHash("sha256").update(content).digest("hex");
    expect(manifest.Config).toBe(`${digest(text)}.json`);
    const image = JSON.parse(text);
    const layers: string[] = manifest.Layers.map((name: string) => join(unpacked, name));
    const digests = await Promise.all(layers.map(async (layer) => `sha256:${digest(await readFile(layer))}`));
    expect(image.rootfs.diff_ids).toEqual(digests);
    expect(image).toMatchObject({
      os: "linux",
      config: {
        User: "1000:1000",
        WorkingDir: "/home/node",
        Entrypoint: ["/usr/local/bin/node", "/app/main.mjs"],
        Labels: { "baleen.cache": "small" },
      },
    });
    const entries = (await Promise.all(layers.map((layer) => tar("-tvf", layer)))).join("");
    const rows = entries
      .trim()
      .split("\n")
      .map((row) => row.split(/\s+/));
    const seen = new Map(
      rows.map(([mode, owner, , , , name = ""]) => [name.replace(/\/$/, ""), `${mode} ${owner}`]),
    );
    expect(seen.get("usr/local/bin/node")).toBe("-rwxr-xr-x 0/0");
    expect(seen.get("usr/local")).toBe("drwxr-xr-x 0/0");
    expect(seen.get("tmp")).toBe("drwxrwxrwt 0/0");
    expect(seen.get("home/node")).toBe("drwxr-xr-x 1000/1000");
    expect(seen.get("app/lib/part.mjs")).toMatch(/^-rw-r--r-- 0\/0$/);
    expect([...seen.keys()].some((name) => /\/libc\.so\.6$/.test(name))).toBe(true);
  });

  test("is the same for the same content, another for another", async () => {
    const request = await requestSmallArchive(folder, "one");
    const one = await prepareReady(request);
    const again = await prepareReady({ ...request, cacheFolder: join(folder, "other-cache") });
    expect(await buffer(again.open())).toEqual(await buffer(one.open()));
    expect(again.contentDigest).toBe(one.contentDigest);
    const two = await prepareReady(await requestSmallArchive(folder, "two"));
    expect(two.contentDigest).not.toBe(one.contentDigest);
    expect(two.tag).toBe(two.contentDigest.slice(0, 16));
  });

  test("is made once, and takes the place of older ones of the same program only", async () => {
    const request = await requestSmallArchive(folder, "one");
    const { tag } = await prepareReady(request);
    const name = (of: string) => `small-${request.architecture}-${of}.tar.gz`;
    const made = await stat(join(request.cacheFolder, name(tag)));
    await prepareReady(request);
    expect((await stat(join(request.cacheFolder, name(tag)))).mtimeMs).toBe(made.mtimeMs);

    const others = [
      "small-riscv64-0123456789abcdef.tar.gz",
      "smaller-amd64-0123456789abcdef.tar.gz",
      "notes",
    ];
    for (const other of others) await writeFile(join(request.cacheFolder, other), "");
    await using making = await openTemporaryFolder("other", request.cacheFolder);
    const abandoned = join(request.cacheFolder, "baleen-tmp-dead-1-0123456789ab-AbCdEf");
    await mkdir(abandoned);
    const second = await prepareReady(await requestSmallArchive(folder, "two"));
    expect((await readdir(request.cacheFolder)).sort()).toEqual(
      [...others, basename(making.path), name(second.tag)].sort(),
    );
  });

  test("that is given up or cannot be written leaves nothing behind", async () => {
    const request = await requestSmallArchive(folder, "one");
    const ended = new AbortController();
    const giveUp = prepareImageArchive({ ...request, nodeBinary: process.execPath, signal: ended.signal });
    await readdir(request.cacheFolder).catch(() => []);
    ended.abort(new Error("enough"));
    await expect(giveUp).rejects.toThrow("enough");
    expect(await readdir(request.cacheFolder).catch(() => [])).toEqual([]);

    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(prepareImageArchive({ ...request, cacheFolder: file })).rejects.toMatchObject({
      code: "image",
      message: expect.stringMatching(/^Cannot cache the image of small in .*file: .*permissions\.$/),
    });
  });
});

describe("where no archive can be made", () => {
  test.each([
    [
      "another processor",
      { architecture: "s390x" },
      /for \w+\/\w+, but the engine needs one for linux\/s390x$/,
    ],
    ...(platform() === "linux"
      ? ([["libraries that cannot be told", { env: { PATH: "/nowhere" } }, /^ldd cannot list/]] as const)
      : []),
  ] as const)("%s: it says what is missing", async (_, changed, reason) => {
    const request = await requestSmallArchive(folder, "one");
    const result = await prepareImageArchive({ ...request, ...changed });
    expect(result).toEqual({ reason: expect.stringMatching(reason) });
  });
});
