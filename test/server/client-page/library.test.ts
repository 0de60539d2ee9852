import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { options } from "../../../src/cli/options/option-table.ts";
import { usualPeerLibrary } from "../../../src/contracts/peer-tests/peer-library.ts";
import { installLibrary } from "../../../src/server/client-page/library/install.ts";
import { locateLibrary, parseLibrarySource } from "../../../src/server/client-page/library/peer-library.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

test("a library is a version, a folder with a package, or a module", async () => {
  await using folder = await openTemporaryFolder();
  const file = join(folder.path, "mine.mjs");
  await writeFile(file, "export const peerLibrary = {};");
  await writeFile(join(folder.path, "package.json"), "{}");
  expect(parseLibrarySource("@dcl/catalyst-peer@1.0.4")).toEqual({ kind: "version", version: "1.0.4" });
  expect(parseLibrarySource(folder.path)).toEqual({ kind: "folder", folder: folder.path });
  expect(parseLibrarySource(file)).toEqual({ kind: "module", file });
});

test.each(["@dcl/catalyst-peer", "@dcl/catalyst-peer@latest", "--help", "left-pad@1.0.0", "/nowhere", ""])(
  "%j is no library, and the message says what is one",
  (text) => {
    expect(() => parseLibrarySource(text)).toThrow(
      `Give a version such as ${usualPeerLibrary}, a folder with a package.json`,
    );
  },
);

test("the version that is used without being asked for is the pinned one", async () => {
  const pinned = await readFile(new URL("../../../tools/peer-library/package.json", import.meta.url), "utf8");
  const { dependencies } = JSON.parse(pinned) as { dependencies: Record<string, string> };
  expect(`@dcl/catalyst-peer@${dependencies["@dcl/catalyst-peer"]}`).toBe(usualPeerLibrary);
  expect(options.find(({ name }) => name === "peer-library")?.default).toBe(usualPeerLibrary);
});

test("a folder without a built package is refused", async () => {
  await using folder = await openTemporaryFolder();
  await writeFile(join(folder.path, "package.json"), '{"name":"x","version":"1.0.0"}');
  const located = locateLibrary({ kind: "folder", folder: folder.path }, "");
  await expect(located).rejects.toThrow(
    `${folder.path} is no built @dcl/catalyst-peer with its dependencies`,
  );
});

test("what an npm that fails left behind is not taken for an installed library", async () => {
  await using folder = await openTemporaryFolder();
  const bin = join(folder.path, "bin");
  await mkdir(bin);
  const npm = (script: string) => writeFile(join(bin, "npm"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const place = { cacheDir: join(folder.path, "cache"), env: { PATH: `${bin}:/usr/bin:/bin` } };
  const source = { kind: "version", version: "1.0.4" } as const;
  await npm('echo "no network" >&2; exit 1');
  await expect(installLibrary(source, place)).rejects.toThrow("no network");
  await npm('echo "$@" > asked; mkdir node_modules');
  const installed = await installLibrary(source, place);
  expect(await readFile(join(installed, "asked"), "utf8")).toBe(
    "install --save-exact @dcl/catalyst-peer@1.0.4 --ignore-scripts --no-audit --no-fund --loglevel=error\n",
  );
  await npm("exit 1");
  expect(await installLibrary(source, place)).toBe(installed);
});

test("without npm, the message says so", async () => {
  await using folder = await openTemporaryFolder();
  const place = { cacheDir: folder.path, env: { PATH: "/nowhere" } };
  const installing = installLibrary({ kind: "version", version: "1.0.14" }, place);
  await expect(installing).rejects.toThrow("npm is needed to install @dcl/catalyst-peer@1.0.14");
});
