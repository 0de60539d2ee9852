import { chmod, symlink, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ForeignProgram, NodeProgram } from "../../../src/contracts/deployment.ts";
import { imageNameOf, programLabel, readImageContent } from "../../../src/deploy/images/content.ts";
import { findProgramDiagnostic } from "../../../src/deploy/images/image.ts";
import { ownArchitecture } from "../../../src/deploy/images/node-runtime.ts";
import { describeOwnImage } from "../../../src/deploy/images/own-image.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { buildBeacon, whyNoCompiler } from "../foreign-plan.ts";

const target = { os: "linux", arch: ownArchitecture() };
const tools = { nodeBinary: process.execPath, env: process.env };
const programAt = (path: string | undefined, name = "a-node"): ForeignProgram => ({
  kind: "foreign-program",
  name,
  path,
  remedy: "Build it.",
});

test.each([
  ["CometBFT v0.38", "cometbft-v0-38"],
  ["validator", "validator"],
  ["_x_", "x"],
  ["節點", "program"],
])("%s is named %s in images", (name, expected) => {
  expect(imageNameOf({ name })).toBe(expected);
});

describe("the file of a foreign program", () => {
  test("missing, a folder, a script, of another processor, none at all: a fault with a remedy", async () => {
    await using folder = await openTemporaryFolder();
    const script = join(folder.path, "script");
    await writeFile(script, "#!/bin/sh\nexec node\n");
    await chmod(script, 0o755);
    const diagnosticOf = (path: string | undefined, arch = target.arch) =>
      findProgramDiagnostic(programAt(path), { os: "linux", arch });
    expect(await diagnosticOf("/no/such/node")).toEqual({
      code: "program-file",
      message: expect.stringMatching(
        /^\/no\/such\/node cannot be read as the program a-node: .*ENOENT.*Build it\.$/,
      ),
    });
    expect((await diagnosticOf(folder.path))?.message).toContain("EISDIR");
    expect((await diagnosticOf(script))?.message).toContain("is not a Linux binary");
    expect((await diagnosticOf(undefined))?.message).toContain(
      "neither an image (--image) nor a file (--node-binary)",
    );
    const odd = await diagnosticOf(process.execPath, "riscv64");
    if (platform() === "linux") {
      expect(odd?.code).toBe("program-architecture");
      expect(odd?.message).toContain(`is for linux/${target.arch}, but the engine runs linux/riscv64`);
      expect(await diagnosticOf(process.execPath)).toBeUndefined();
    }
    // Nobody looks at the file where there is an image.
    const named = { ...programAt("/no/such/node"), image: "some/image:1" };
    expect(await findProgramDiagnostic(named, target)).toBeUndefined();
  });

  test("programs that a node starts are for this kind of machine alone", async () => {
    await using folder = await openTemporaryFolder();
    await writeFile(join(folder.path, "main.js"), "");
    const program: NodeProgram = {
      kind: "node-program",
      name: "host",
      root: folder.path,
      entry: "main.js",
      include: [],
      system: [process.execPath],
    };
    expect(await findProgramDiagnostic(program, { os: "linux", arch: "riscv64" })).toEqual({
      code: "program-architecture",
      message: expect.stringMatching(/ is for \S+, but the engine runs linux\/riscv64\. Use machines/),
    });
    const own = { os: platform(), arch: ownArchitecture() };
    expect(await findProgramDiagnostic(program, own)).toBeUndefined();
    const alone = { ...program, system: [] };
    expect(await findProgramDiagnostic(alone, { os: "linux", arch: "riscv64" })).toBeUndefined();
  });

  test.skipIf(whyNoCompiler !== undefined)(
    `becomes an image with what it needs alone ${whyNoCompiler ?? ""}`,
    async () => {
      await using folder = await openTemporaryFolder();
      const link = join(folder.path, "link");
      await symlink(await buildBeacon(folder.path, "dynamic"), link);
      const read = async (path: string, arch = target.arch) => {
        const result = await readImageContent(programAt(path, "Beacon 2"), { os: "linux", arch }, tools);
        if ("reason" in result) throw new Error(result.reason);
        return result;
      };
      const whole = await read(await buildBeacon(folder.path, "static"));
      expect(whole.entrypoint).toEqual(["/usr/local/bin/beacon-2"]);
      expect(whole.repository).toBe("baleen/beacon-2");
      expect(whole.runtime.filter(({ path }) => path.includes("lib"))).toEqual([]);
      expect(whole.env.LD_LIBRARY_PATH).toBeUndefined();
      const linked = await read(link);
      expect(linked.runtime.map(({ path }) => path)).toEqual(
        expect.arrayContaining([expect.stringMatching(/libc\.so\.6$/), expect.stringMatching(/ld-linux/)]),
      );
      expect(linked.labels[programLabel]).toMatch(/^[0-9a-f]{64}$/);
      expect(linked.labels[programLabel]).not.toBe(whole.labels[programLabel]);
      // The same content is the same image.
      const [one, same, other] = await Promise.all(
        [whole, await read(join(folder.path, "beacon-static")), linked].map((each) =>
          describeOwnImage(each, target),
        ),
      );
      expect(same?.contentDigest).toBe(one?.contentDigest);
      expect(other?.contentDigest).not.toBe(one?.contentDigest);
      await expect(read(link, "riscv64")).rejects.toThrow("but the engine runs linux/riscv64");
    },
  );
});

test.runIf(platform() === "linux")(
  "what a program needs of the system lies where it lay, with the libraries of what can be started",
  async () => {
    await using folder = await openTemporaryFolder();
    await writeFile(join(folder.path, "main.js"), "");
    await writeFile(join(folder.path, "notes.txt"), "none of its libraries");
    const content = await readImageContent(
      {
        ...{ kind: "node-program", name: "starter", root: folder.path, entry: "main.js", include: [] },
        system: ["/bin/ls", join(folder.path, "notes.txt")],
      },
      target,
      tools,
    );
    if ("reason" in content) throw new Error(content.reason);
    const paths = content.runtime.map(({ path }) => path);
    expect(paths).toContain("bin/ls");
    expect(paths).toContain(join(folder.path, "notes.txt").slice(1));
    // GNU's ls needs it, and Node.js does not.
    expect(paths.some((path) => /libselinux|libcap/.test(path))).toBe(true);
    expect(new Set(paths).size).toBe(paths.length);
    expect(content.program.map(({ path }) => path)).toEqual(["app/main.js"]);
  },
);
