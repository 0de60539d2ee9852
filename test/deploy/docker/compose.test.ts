import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Compose, findCompose, lastWords } from "../../../src/deploy/docker/compose.ts";

let folder: string;
const signal = new AbortController().signal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-compose-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A stand-in for a command: records how it was called, and answers as its body says. */
async function writeCommand(name: string, body: string): Promise<void> {
  const script = `#!${process.execPath}
const argv = process.argv.slice(2);
require("node:fs").appendFileSync(${JSON.stringify(join(folder, "calls"))},
  JSON.stringify({ name: ${JSON.stringify(name)}, argv, image: process.env.BALEEN_IMAGE, host: process.env.DOCKER_HOST }) + "\\n");
${body}
`;
  await writeFile(join(folder, name), script);
  await chmod(join(folder, name), 0o755);
}

const dockerWithPlugin = `
if (argv[0] !== "compose") process.exit(1);
if (argv[1] === "version") console.log("v2.24.5");
`;
const dockerWithoutPlugin = `console.error("docker: 'compose' is not a docker command."); process.exit(1);`;
const dockerCompose = `if (argv[0] === "version") console.log("1.29.2");`;

async function found(): Promise<Compose> {
  const compose = await findCompose({ PATH: folder, DOCKER_HOST: "unix:///x.sock" }, signal);
  if ("code" in compose) throw new Error(compose.message);
  return compose;
}

async function calls(): Promise<unknown[]> {
  const text = await readFile(join(folder, "calls"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("which compose is used", () => {
  test("docker compose v2 comes before docker-compose", async () => {
    await writeCommand("docker", dockerWithPlugin);
    await writeCommand("docker-compose", dockerCompose);
    expect(await found()).toMatchObject({ argv: ["docker", "compose"], version: "2.24.5" });
  });

  test("docker-compose where docker has no such command, or there is no docker command", async () => {
    await writeCommand("docker-compose", dockerCompose);
    expect(await found()).toMatchObject({ argv: ["docker-compose"], version: "1.29.2" });
    await writeCommand("docker", dockerWithoutPlugin);
    expect(await found()).toMatchObject({ argv: ["docker-compose"], version: "1.29.2" });
  });

  test("neither: says what to install", async () => {
    const compose = await findCompose({ PATH: folder }, signal);
    expect(compose).toMatchObject({ code: "compose-missing" });
    expect("message" in compose && compose.message).toContain("--runtime process");
  });
});

describe("how it is called", () => {
  test("project, files in order, then the words; the image and the engine by environment", async () => {
    await writeCommand("docker", dockerWithPlugin);
    const compose = await found();
    const project = { name: "p", files: ["a b.yml", "/o.yml"], variables: { BALEEN_IMAGE: "i:1" } };
    await compose.config(project, signal);
    await compose.create(project, signal);
    await compose.start(project, signal);
    const common = ["compose", "-p", "p", "-f", "a b.yml", "-f", "/o.yml"];
    const call = { name: "docker", image: "i:1", host: "unix:///x.sock" };
    expect((await calls()).slice(1)).toEqual([
      { ...call, argv: [...common, "config"] },
      { ...call, argv: [...common, "up", "--no-start"] },
      { ...call, argv: [...common, "start"] },
    ]);
  });

  test("a failure says which action, and compose's own words", async () => {
    await writeCommand(
      "docker-compose",
      `${dockerCompose} else { console.error("Creating x ... error\\n\\nERROR: for x  port is already allocated"); process.exit(1); }`,
    );
    const project = { name: "p", files: ["f"], variables: {} };
    await expect((await found()).start(project, signal)).rejects.toMatchObject({
      code: "compose",
      message: "docker-compose start failed: for x  port is already allocated",
    });
  });
});

describe("compose's last words", () => {
  test.each([
    [
      "The Compose file './bad1.yml' is invalid because:\nUnsupported config option for services.a: 'imag'\n",
      "The Compose file './bad1.yml' is invalid because: Unsupported config option for services.a: 'imag'",
    ],
    [
      'time="2026-01-01T00:00:00Z" level=warning msg="x"\nservice "a" has neither an image nor a build context specified: invalid compose project\n',
      'service "a" has neither an image nor a build context specified: invalid compose project',
    ],
    ["WARNING: The X variable is not set.\nERROR: no such image\n", "no such image"],
    [
      `Traceback (most recent call last):\n  File "/usr/lib/python3/dist-packages/docker/api/client.py", line 221, in f\n    raise E(\ndocker.errors.DockerException: Connection aborted.\n`,
      "docker.errors.DockerException: Connection aborted.",
    ],
    ["one\ntwo\nthree\nfour\nfive\n", "two three four five"],
    ["", "no reason given"],
  ])("%j", (stderr, expected) => {
    expect(lastWords(stderr)).toBe(expected);
  });
});
