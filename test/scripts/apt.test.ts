/** On a made-up machine, whose apt-get and program are scripts of the test. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyPackage } from "./package-copy.ts";

const driver = `
import { preparePrograms } from "./scripts/apt.mjs";
const said = [];
const missing = preparePrograms((line) => said.push(line), ["shellcheck", "fish"]);
console.log(JSON.stringify({ missing, said }));
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

describe("programs for the tests", () => {
  test("that are there are taken as they are", async () => {
    const there = { "machine/shellcheck": program, "machine/fish": program };
    expect(await prepare({ ...there, "machine/apt-get": aptGet })).toEqual({
      missing: [],
      said: [],
      calls: "",
    });
  });

  test.skipIf(!mayInstall)("that are missing are installed at once, which is said", async () => {
    const archive = { "archive/shellcheck": program, "archive/fish": program };
    expect(await prepare({ "machine/apt-get": aptGet, ...archive })).toEqual({
      missing: [],
      said: ["Installing shellcheck, fish (apt-get) …"],
      calls: "update -qq\ninstall -y -qq shellcheck fish\n",
    });
  });

  test.skipIf(!mayInstall)("that cannot be installed are named with the reason", async () => {
    const found = await prepare({ "machine/apt-get": aptGet, "archive/fish": program });
    expect(found).toMatchObject({
      missing: [{ name: "shellcheck", reason: "apt-get could not install shellcheck" }],
    });
  });

  test.skipIf(!mayInstall)("that this system does not have keep no others away", async () => {
    const lacksFish = `#!/bin/sh
case "$*" in *fish*) exit 100 ;; install*) /bin/cp "$ROOT"/archive/* "$ROOT/machine/" ;; esac
`;
    const found = await prepare({ "machine/apt-get": lacksFish, "archive/shellcheck": program });
    expect(found).toMatchObject({
      missing: [{ name: "fish", reason: "apt-get could not install fish" }],
    });
  });
});
