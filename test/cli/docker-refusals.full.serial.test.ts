/** What keeps containers from being started, and compose files that are taken. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  buildIdleImage,
  countLeftovers,
  dockerCommand,
  engineVariables,
  nothing,
  openDockerSetting,
  whyNoDocker,
} from "./docker-setting.ts";
import type { Ending } from "./setting.ts";

const packaged = fileURLToPath(new URL("../../compose/docker-compose.yml", import.meta.url));
const idle = ["/usr/local/bin/node", "-e", "setInterval(() => {}, 1000)"];
const short = ["--loads=50", "--duration=1", "--warm-up=0", "--cleanup-thorough"];

function service(name: string, port: string): string {
  return `  ${name}: { image: "nobody/has-this:1", ports: [${port}] }\n`;
}

function expectRefusal({ code, stdout, stderr }: Ending, diagnostics: readonly RegExp[]): void {
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr.trimEnd().split("\n")).toEqual(
    diagnostics.map((diagnostic) => expect.stringMatching(diagnostic)),
  );
}

/** Compose plugins may lie beside a user's contexts. */
async function linkPlugins(from: string, to: string): Promise<void> {
  const plugins = join(from, "cli-plugins");
  if (existsSync(plugins)) await symlink(plugins, join(to, "cli-plugins"));
}

describe.skipIf(whyNoDocker !== undefined)(`compose files ${whyNoDocker ?? ""}`, () => {
  test("./docker-compose.yml is taken, with other services beside the nodes; all of it is removed", async () => {
    await using setting = await openDockerSetting();
    const path = join(setting.home, "docker-compose.yml");
    const monitor = JSON.stringify({
      image: await buildIdleImage(),
      entrypoint: idle,
      depends_on: ["node0"],
      volumes: ["monitor:/monitor"],
      networks: ["default", "back"],
    });
    const text = (await readFile(packaged, "utf8"))
      .replace("services:\n", `services:\n  monitor: ${monitor}\n`)
      .replace("\nvolumes:\n", "\nnetworks: { back: {} }\nvolumes:\n  monitor: {}\n");
    await writeFile(path, text);
    const command = setting.start("benchmark", [...short, "--duration=2"]);
    await command.says("measuring");
    const run = setting.runOf(command);
    expect(await countLeftovers(run)).toEqual({ containers: 5, networks: 2, volumes: 5 });
    expect((await command.ended).code).toBe(0);
    expect(await countLeftovers(run)).toEqual(nothing);
    const environment = await readFile(join(await setting.bundle(), "environment.json"), "utf8");
    expect(JSON.parse(environment)).toMatchObject({ network: { composeFile: "./docker-compose.yml" } });
  });

  const files: Record<string, string> = {
    "empty.yml": "",
    "no-yaml.yml": "services: [a\n  b: c: d\n",
    "three.yml": `services:\n${["a", "b", "c"].map((name, i) => service(name, `"${26_657 + i}:26657"`)).join("")}`,
    "unpublished.yml": `services:\n${["a", "b", "c", "d"].map((name) => service(name, '"80"')).join("")}`,
    "engine-chooses.yml": `services:\n${["a", "b", "c", "d"].map((name) => service(name, '"26657"')).join("")}`,
  };
  const toPort = (name: string) =>
    new RegExp(`^error: Service ${name} of engine-chooses\\.yml does not publish its RPC port 26657 `);
  test.each<[string, RegExp[]]>([
    ["missing.yml", [/^error: Compose file missing\.yml does not exist\. Name another file with /]],
    ["empty.yml", [/^error: Compose file empty\.yml is empty\. Name another file with /]],
    ["no-yaml.yml", [/^error: Compose file no-yaml\.yml is not valid: .*line 1/]],
    ["folder.yml", [/^error: Compose file folder\.yml is not a file\. Name another file with /]],
    [
      "three.yml",
      [/^error: three\.yml has 3 nodes \(a, b, c\), but the committee is 4\. Set --committee 3, or /],
    ],
    [
      "unpublished.yml",
      [/^error: No service of unpublished\.yml is labelled baleen\.node or publishes port 26657\. Label /],
    ],
    ["engine-chooses.yml", ["a", "b", "c", "d"].map(toPort)],
  ])("%s is refused, with a line for each fault, and nothing is started", async (name, diagnostics) => {
    await using setting = await openDockerSetting();
    await mkdir(join(setting.home, "folder.yml"));
    const text = files[name];
    if (text !== undefined) await writeFile(join(setting.home, name), text);
    expectRefusal(
      await setting.start("benchmark", [...short, `--docker-compose-path=${name}`]).ended,
      diagnostics,
    );
    await setting.expectNothingLeft();
  });
});

describe.skipIf(whyNoDocker !== undefined)(`ports and engines ${whyNoDocker ?? ""}`, () => {
  test("ports that a process and somebody's container hold are named at once, with who", async () => {
    await using setting = await openDockerSetting();
    const server = createServer();
    const name = `foreign-${process.pid}`;
    const image = await buildIdleImage();
    const [entrypoint = "", ...args] = idle;
    server.listen(26_658, "127.0.0.1");
    await once(server, "listening");
    const publish = ["-p", "127.0.0.1:26660:80", "--entrypoint", entrypoint];
    await dockerCommand("run", "-d", "--name", name, ...publish, image, ...args);
    try {
      const stop = String.raw`\. Stop it, or use other ports: --rpc-base-port, --metrics-base-port\.$`;
      expectRefusal(await setting.start("benchmark", short).ended, [
        new RegExp(`^error: Port 26658 of 127\\.0\\.0\\.1 is taken by .*\\(pid ${process.pid}\\)${stop}`),
        new RegExp(
          `^error: Port 26660 of 127\\.0\\.0\\.1 is taken by container ${name} \\(image ${image}\\)${stop}`,
        ),
      ]);
    } finally {
      server.close();
      await dockerCommand("rm", "-f", name);
    }
  });

  const dead = "unix:///nowhere/docker.sock";
  const start = String.raw`Start it \(Linux: sudo systemctl start docker; .*, or use --runtime process\.$`;
  const reasons: [string, string][] = [
    ["ssh://me@far", String.raw`DOCKER_HOST names a Docker engine on another machine \(ssh://me@far\), .*`],
    ["tcp://10.1.2.3:2375", String.raw`DOCKER_HOST names a Docker engine on another machine \(tcp://10\.1.*`],
    [dead, String.raw`No Docker engine answers at unix:///nowhere/docker\.sock \(DOCKER_HOST\)\. ${start}`],
  ];
  test.each(reasons)(
    "DOCKER_HOST=%s: refused where containers are asked for, else told",
    async (host, why) => {
      await using setting = await openDockerSetting();
      const env = { DOCKER_HOST: host };
      expectRefusal(await setting.start("benchmark", short, { env }).ended, [new RegExp(`^error: ${why}`)]);
      const auto = { env: { ...env, BALEEN_RUNTIME: "auto" } };
      const { code, stdout, stderr } = await setting.start("benchmark", short, auto).ended;
      expect(code).toBe(0);
      expect(stderr).toMatch(new RegExp(`^warning: The nodes run as plain processes\\. ${why}`, "m"));
      expect(stdout).toMatch(new RegExp(`^ {2}Runtime: process \\(${why.replace(/\$$/, "")}\\)$`, "m"));
    },
  );

  test("the current docker context leads to its engine; a far one is refused by its name", async () => {
    await using setting = await openDockerSetting();
    const { DOCKER_HOST = "", DOCKER_CONFIG = "" } = engineVariables();
    const config = join(setting.home, "docker-config");
    await mkdir(config);
    const docker = (...words: string[]) => dockerCommand("--config", config, "context", ...words);
    await docker("create", "near", "--docker", `host=${DOCKER_HOST}`);
    await docker("create", "far", "--docker", "host=ssh://me@far");
    const inContext = (DOCKER_CONTEXT: string) =>
      setting.start("benchmark", short, { env: { DOCKER_HOST: "", DOCKER_CONFIG: config, DOCKER_CONTEXT } });
    expectRefusal(await inContext("far").ended, [
      /^error: Docker context "far" names a Docker engine on another machine \(ssh:\/\/me@far\), but /,
    ]);
    await linkPlugins(DOCKER_CONFIG, config);
    expect((await inContext("near").ended).code).toBe(0);
    const environment = await readFile(join(await setting.bundle(), "environment.json"), "utf8");
    expect(JSON.parse(environment)).toMatchObject({
      network: { engine: { address: `${DOCKER_HOST} (Docker context "near")` } },
    });
  });
});
