import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyPackage, type PackageCopy } from "./package-copy.ts";

const lock = {
  packages: {
    "": { name: "p" },
    "node_modules/a": { version: "1.0.0" },
    "node_modules/elsewhere": { version: "1.0.0", optional: true },
    "node_modules/linked": { link: true },
  },
};

const installed = (version: string) => ({ packages: { "node_modules/a": { version } } });

/** A checkout whose `npm` only records how it was called. */
async function checkout(): Promise<PackageCopy> {
  const copy = await copyPackage();
  await copy.write("package-lock.json", lock);
  await copy.write("machine/npm", `#!/bin/sh\nprintf '%s\\n' "$PATH" "$@" > "${copy.root}/npm-was-called"\n`);
  return copy;
}

function prepare(copy: PackageCopy, ...steps: string[]) {
  const folders = [join(copy.root, "node_modules", ".bin"), join(copy.root, "machine"), process.env.PATH];
  return copy.run("scripts/prepare.mjs", steps, { PATH: folders.join(delimiter) });
}

const npmCall = async (copy: PackageCopy) => {
  const text = await readFile(join(copy.root, "npm-was-called"), "utf8").catch(() => undefined);
  return text?.trim().split("\n");
};

describe("prepare install", () => {
  test("does and says nothing where all is installed, packages for other machines left aside", async () => {
    await using copy = await checkout();
    await copy.write("node_modules/.package-lock.json", installed("1.0.0"));
    expect(await prepare(copy, "install")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await npmCall(copy)).toBeUndefined();
  });

  test.each([
    ["nothing is installed", undefined],
    ["another version is installed", installed("0.9.0")],
    ["a package is missing", { packages: {} }],
  ])("runs npm ci where %s, and not under the pinned Node.js", async (_, present) => {
    await using copy = await checkout();
    if (present !== undefined) await copy.write("node_modules/.package-lock.json", present);
    const { code, stderr } = await prepare(copy, "install");
    expect([code, stderr]).toEqual([0, "Installing packages (npm ci) …\n"]);
    const [path = "", ...args] = (await npmCall(copy)) ?? [];
    expect(args[0]).toBe("ci");
    expect(path.split(delimiter)).not.toContain(join(copy.root, "node_modules", ".bin"));
    expect(path.split(delimiter)).toContain(join(copy.root, "machine"));
  });

  test("ends with npm's exit code", async () => {
    await using copy = await checkout();
    await copy.write("machine/npm", "#!/bin/sh\nexit 7\n");
    expect(await prepare(copy, "install", "build")).toMatchObject({ code: 7 });
  });
});
