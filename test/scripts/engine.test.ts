/** On a made-up machine: its PATH holds nothing but what a test puts there, so that the real engine is not touched. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyPackage, type PackageCopy } from "./package-copy.ts";

const driver = `
import { prepareEngine } from "./scripts/engine.mjs";
const said = [];
const { available, reason, stop } = await prepareEngine((line) => said.push(line.trim()));
console.log(JSON.stringify({ available, reason, said, canStop: stop !== undefined }));
await stop?.();
`;

/** Answers while the file "up" is there. */
const docker = `#!/bin/sh\n[ "$1" = version ] && [ ! -e "$ROOT/up" ] && exit 1\nexit 0\n`;
const dockerd = `#!/bin/sh
[ "$1" = --version ] && exit 0
trap '/bin/rm "$ROOT/up"; exit 0' TERM
/usr/bin/touch "$ROOT/up"
while :; do /bin/sleep 0.05; done
`;
const dyingDockerd = `#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "no cgroups here" >&2\nexit 1\n`;
const aptGet = (exitCode: number) => `#!/bin/sh
echo "$@" >> "$ROOT/apt-calls"
[ "$1" = install ] && /bin/cp "$ROOT"/archive/* "$ROOT/machine/"
exit ${exitCode}
`;

async function machine(commands: Readonly<Record<string, string>>): Promise<PackageCopy> {
  const copy = await copyPackage();
  await copy.write("drive.mjs", driver);
  await copy.write("tmp/.keep", "");
  for (const [name, script] of Object.entries(commands)) await copy.write(`machine/${name}`, script);
  return copy;
}

async function prepare(copy: PackageCopy, env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr } = await copy.run("drive.mjs", [], {
    PATH: join(copy.root, "machine"),
    TMPDIR: join(copy.root, "tmp"),
    ROOT: copy.root,
    DOCKER_HOST: "",
    ...env,
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

/** Only root on Debian installs and starts; who cannot is shown these tests as skipped. */
const mayInstall = process.getuid?.() === 0 && existsSync("/etc/debian_version");

describe("the engine for the tests", () => {
  test("one that answers is taken as it is", async () => {
    await using copy = await machine({ docker });
    await copy.write("up", "");
    expect(await prepare(copy)).toEqual({ available: true, said: [], canStop: false });
    expect(existsSync(join(copy.root, "up"))).toBe(true);
  });

  test("one that DOCKER_HOST names and that does not answer is left alone", async () => {
    await using copy = await machine({ docker, dockerd, "apt-get": aptGet(0) });
    expect(await prepare(copy, { DOCKER_HOST: "tcp://127.0.0.1:1" })).toEqual({
      available: false,
      reason: "no Docker engine with compose answers, and DOCKER_HOST names another one (tcp://127.0.0.1:1)",
      said: [],
      canStop: false,
    });
    expect(existsSync(join(copy.root, "apt-calls"))).toBe(false);
  });

  test.skipIf(!mayInstall)(
    "one that is installed is started, and ended again with nothing left",
    async () => {
      await using copy = await machine({ docker, dockerd });
      const said = ["Starting a Docker engine for the tests …"];
      expect(await prepare(copy)).toEqual({ available: true, said, canStop: true });
      expect(existsSync(join(copy.root, "up"))).toBe(false);
      expect(await readdir(join(copy.root, "tmp"))).toEqual([".keep"]);
    },
  );

  test.skipIf(!mayInstall)("a missing one is installed, then started", async () => {
    await using copy = await machine({ "apt-get": aptGet(0) });
    await copy.write("archive/docker", docker);
    await copy.write("archive/dockerd", dockerd);
    expect(await prepare(copy)).toMatchObject({ available: true, canStop: true });
  });

  test.skipIf(!mayInstall).each([
    [
      "cannot be installed",
      { "apt-get": "#!/bin/sh\nexit 100\n" },
      "apt-get could not install docker.io and docker-compose",
    ],
    ["does not come up", { docker, dockerd: dyingDockerd }, "dockerd did not come up: no cgroups here"],
  ])("one that %s is told with the reason", async (_, commands, reason) => {
    await using copy = await machine(commands);
    expect(await prepare(copy)).toMatchObject({ available: false, reason, canStop: false });
    expect(await readdir(join(copy.root, "tmp"))).toEqual([".keep"]);
  });
});
