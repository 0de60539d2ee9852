/** On a made-up machine, whose apt-get and program are scripts of the test. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyPackage } from "./package-copy.ts";

const driver = `
import { prepareShellcheck } from "./scripts/shellcheck.mjs";
const said = [];
console.log(JSON.stringify({ ...prepareShellcheck((line) => said.push(line.trim())), said }));
`;

const program = "#!/bin/sh\nexit 0\n";
const aptGet = `#!/bin/sh
echo "$@" >> "$ROOT/apt-calls"
[ "$1" = install ] && [ -e "$ROOT/archive" ] && /bin/cp "$ROOT"/archive/* "$ROOT/machine/"
exit 0
`;

async function prepare(files: Readonly<Record<string, string>>) {
  await using copy = await copyPackage();
  await copy.write("drive.mjs", driver);
  for (const [path, text] of Object.entries(files)) await copy.write(path, text);
  const { stdout, stderr } = await copy.run("drive.mjs", [], {
    PATH: join(copy.root, "machine"),
    ROOT: copy.root,
  });
  if (stdout === "") throw new Error(stderr);
  const calls = await readFile(join(copy.root, "apt-calls"), "utf8").catch(() => "");
  return { ...(JSON.parse(stdout) as object), calls };
}

/** Only root on Debian installs; who cannot is shown these tests as skipped. */
const mayInstall = process.getuid?.() === 0 && existsSync("/etc/debian_version");

describe("a program for the tests", () => {
  test("that is there is taken as it is", async () => {
    const found = await prepare({ "machine/shellcheck": program, "machine/apt-get": aptGet });
    expect(found).toEqual({ available: true, said: [], calls: "" });
  });

  test.skipIf(!mayInstall)("that is missing is installed, which is said", async () => {
    const found = await prepare({ "machine/apt-get": aptGet, "archive/shellcheck": program });
    expect(found).toEqual({
      available: true,
      said: ["Installing shellcheck (apt-get) …"],
      calls: "update -qq\ninstall -y -qq shellcheck\n",
    });
  });

  test.skipIf(!mayInstall)("that cannot be installed is told with the reason", async () => {
    const found = await prepare({ "machine/apt-get": aptGet });
    expect(found).toMatchObject({ available: false, reason: "apt-get could not install shellcheck" });
  });
});
