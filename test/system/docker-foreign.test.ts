import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureImage } from "../../src/deploy/images/image.ts";
import {
  ask,
  askNode,
  countLeftovers,
  deployerOf,
  docker,
  dockerCommand,
  freePort,
  startTestRun,
  type TestRun,
  whyNoDocker,
} from "../deploy/real-engine.ts";
import { planTinyNodes, tinyNode } from "../deploy/tiny-plan.ts";
import { someOf } from "../support/some-of.ts";

describe.skipIf(whyNoDocker !== undefined)(`somebody's own compose file ${whyNoDocker ?? ""}`, () => {
  let run: TestRun;
  /** An image with Node.js that does not bear our label. */
  let image: string;

  beforeAll(async () => {
    run = await startTestRun();
    const { engine, env } = docker();
    const request = { program: tinyNode, nodeBinary: process.execPath, env, run: run.id, signal: run.signal };
    const ours = await ensureImage(engine, { ...request, onStep: () => {} });
    const container = await dockerCommand("create", ours);
    const archive = join(run.folder, "image.tar");
    await dockerCommand("export", "-o", archive, container);
    await dockerCommand("rm", container);
    image = `foreign-${run.id.toLowerCase()}:1`;
    await dockerCommand("import", "--change", 'ENTRYPOINT ["/usr/local/bin/node"]', archive, image);
  });
  afterAll(async () => {
    await run[Symbol.asyncDispose]();
    await dockerCommand("rmi", image);
  });

  const serve = (text: string) =>
    `["-e", "require('http').createServer((q, r) => r.end(JSON.stringify({ is: '${text}', files: require('fs').readdirSync('/home/node'), arguments: process.argv.length }))).listen(8080)"]`;

  test("its nodes run as they are; our nodes beside them get image, arguments and files", async () => {
    const [first, second, third, web] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const network = `outside-${run.id.toLowerCase()}`;
    await dockerCommand("network", "create", network);
    try {
      const path = await run.writeFile(
        "foreign.yml",
        `version: "3.7"
services:
  zeta:
    image: ${image}
    command: ${serve("zeta")}
    labels: ["baleen.node=0"]
    ports: ["127.0.0.1:${first}:8080"]
  alpha:
    image: ${image}
    command: ${serve("alpha")}
    labels: { baleen.node: "1" }
    ports: ["${second}:8080"]
    networks: [default, outside]
    volumes: ["data:/data", "/anonymous"]
    depends_on: [web]
  ours:
    image: $\{BALEEN_IMAGE}
    labels: { baleen.node: "2" }
    ports: ["127.0.0.1:${third}:8080"]
  web:
    image: ${image}
    command: ${serve("web")}
    ports: ["127.0.0.1:${web}:8080"]
networks:
  outside: { external: true, name: ${network} }
volumes:
  data:
`.replace("$\\{", "${"),
      );
      const deployer = deployerOf(path, 8080);
      expect(await deployer.check(planTinyNodes(3), run.signal)).toEqual([]);
      const deployed = await deployer.deploy(planTinyNodes(3), run.options("thorough"));
      // Node 0 is the one labelled so; nothing was put into it, and it kept its own command.
      expect(await askNode(deployed, "node0", "/")).toEqual({ is: "zeta", files: [], arguments: 1 });
      expect(await askNode(deployed, "node1", "/")).toEqual({ is: "alpha", files: [], arguments: 1 });
      expect(await ask({ host: "127.0.0.1", port: web }, "/")).toMatchObject({ is: "web" });
      expect(await askNode(deployed, "node2", "/status")).toMatchObject({ name: "node2", uid: 1000 });
      expect(deployed.endpoint("node2", { node: "node0" }, "rpc")).toEqual({ host: "ours", port: 8080 });
      expect(await countLeftovers(run.id)).toEqual({ containers: 4, networks: 1, volumes: 1 });
      expect(await deployed.stop("thorough")).toBeUndefined();
      expect(await countLeftovers(run.id)).toEqual({ containers: 0, networks: 0, volumes: 0 });
      expect(await dockerCommand("network", "inspect", "-f", "{{.Name}}", network)).toBe(network);
    } finally {
      await dockerCommand("network", "rm", network);
    }
  });

  someOf(
    [
      ["services:\n  a:\n    imag: x\n", "compose-file-invalid", "imag"],
      ["services: [\n", "compose-file-invalid", "is not valid"],
      ["just text\n", "compose-file-invalid", "is not valid"],
      ["# only a comment\n", "compose-file-invalid", "is not valid"],
      ["services:\n  web:\n    image: x\n    ports: ['80:80']\n", "compose-no-nodes", "--rpc-port"],
      ["services:\n  a:\n    image: x\n    ports: ['1:26657']\n", "compose-committee", "--committee 1"],
      [
        "services:\n  a:\n    image: x\n    labels: [baleen.node=0]\n  b:\n    image: x\n    labels: [baleen.node=1]\n",
        "compose-port",
        "Service a",
      ],
    ],
    2,
  )("%j is refused on one line", async (text, code, says) => {
    const path = await run.writeFile("bad.yml", text);
    const diagnostics = await deployerOf(path).check(planTinyNodes(2), run.signal);
    expect(diagnostics[0]?.code).toBe(code);
    for (const { message } of diagnostics) {
      expect(message).toContain(path);
      expect(message).not.toContain("\n");
    }
    expect(diagnostics[0]?.message).toContain(says);
    const deploying = deployerOf(path).deploy(planTinyNodes(2), run.options("keep"));
    await expect(deploying).rejects.toMatchObject({ code: "configuration", diagnostics });
  });
});
