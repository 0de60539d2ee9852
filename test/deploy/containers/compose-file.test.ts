import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parseYaml } from "../../../src/core/documents/yaml.ts";
import {
  fillImagePlaceholder,
  imagePlaceholder,
  mostNodesOnStandardPorts,
  renderComposeFile,
  renderOverride,
  renderStandaloneFile,
  standardPorts,
} from "../../../src/deploy/containers/compose-file.ts";
import { parseComposeModel } from "../../../src/deploy/docker/compose-services.ts";

/** A committee on its standard places, the peers' ports not published. */
const usualPorts = (nodes: number) =>
  Array.from({ length: nodes }, (_, node) => ({ ...standardPorts(node), peer: undefined }));

describe("our compose file", () => {
  test("for four nodes it is the packaged one", async () => {
    const packaged = new URL("../../../compose/docker-compose.yml", import.meta.url);
    expect(renderComposeFile(usualPorts(4))).toBe(await readFile(packaged, "utf8"));
  });

  test("publishes each node's RPC and metrics on 127.0.0.1 only, and keeps its home in a volume", () => {
    const model = parseComposeModel(fillImagePlaceholder(renderComposeFile(usualPorts(2))));
    expect(model).toEqual({
      services: [0, 1].map((i) => ({
        name: `node${i}`,
        image: imagePlaceholder,
        containerName: undefined,
        labels: { "baleen.node": `${i}` },
        hasOwnHome: false,
        ports: [
          { containerPort: 26_657, host: "127.0.0.1", port: 26_657 + i },
          { containerPort: 26_660, host: "127.0.0.1", port: 26_670 + i },
        ],
      })),
      volumes: ["node0-home", "node1-home"],
      networks: ["default"],
    });
  });

  test("up to 13 nodes no port stands twice", () => {
    const ports = usualPorts(mostNodesOnStandardPorts).flatMap(({ rpc, metrics }) => [rpc, metrics]);
    expect(new Set(ports).size).toBe(26);
    expect(Math.max(...ports)).toBe(26_682);
  });

  test("publishes what a node has, from where it listens", () => {
    const text = renderComposeFile([
      { rpc: 26_657, metrics: undefined, inside: { rpc: 2379 } },
      { rpc: undefined, metrics: undefined },
    ]);
    const { services } = parseComposeModel(fillImagePlaceholder(text));
    expect(services.map(({ ports }) => ports)).toEqual([
      [{ containerPort: 2379, host: "127.0.0.1", port: 26_657 }],
      [],
    ]);
  });

  test("says no to a restart in YAML 1.1 too, where a bare no is false", () => {
    expect(renderComposeFile(usualPorts(1))).toContain('restart: "no"');
  });
});

describe("a compose file that needs no run", () => {
  const node = {
    image: "baleen/x:1",
    start: { args: ["--home", "$HOME"], env: { PRICE: "$5" }, user: "7:7" },
    ports: { rpc: 30_000, metrics: undefined },
  };
  const text = renderStandaloneFile([node, node], "# Made by a test\n");

  test("says image, user, arguments and ports, and that homes are folders beside it", () => {
    expect(text).toMatch(/^# Made by a test\nservices:\n/);
    expect(parseYaml(text)).toMatchObject({
      services: {
        node1: {
          image: "baleen/x:1",
          user: "7:7",
          command: ["--home", "$$HOME"],
          environment: { PRICE: "$$5" },
          ports: ["127.0.0.1:30000:26657"],
          volumes: ["./node1:/home/node:Z"],
          labels: { "baleen.node": "1" },
        },
      },
    });
  });

  test.each([
    ["./node0:/home/node:Z", true],
    ["/data/node0:/home/node", true],
    ["node0-home:/home/node", false],
    ["/data/node0:/data", false],
    [{ type: "bind", source: "/data/node0", target: "/home/node" }, true],
    [{ type: "volume", source: "node0-home", target: "/home/node" }, false],
  ])("%j is a home in somebody's folder: %j", (volume, hasOwnHome) => {
    const model = parseComposeModel(JSON.stringify({ services: { node0: { volumes: [volume] } } }));
    expect(model.services[0]).toMatchObject({ hasOwnHome });
  });

  test("a run takes a volume in the place of such a home", () => {
    const services = [{ name: "node0", image: "baleen/x:1", home: "home-of-node0" }];
    const override = renderOverride({
      holder: "1 2",
      run: "r1",
      services,
      volumes: ["home-of-node0"],
      networks: [],
    });
    expect(parseYaml(override)).toMatchObject({
      services: { node0: { volumes: ["home-of-node0:/home/node"] } },
      volumes: { "home-of-node0": { labels: { "baleen.run": "r1" } } },
    });
  });
});

describe("the override of a run", () => {
  test("says how a foreign program is started", () => {
    const text = renderOverride({
      holder: "12 boot/345",
      run: "r1",
      services: [
        { name: "node0", image: "x:1", entrypoint: ["/x", "$a"], env: { PRICE: "$5" }, user: "1000:1000" },
      ],
      volumes: [],
      networks: [],
    });
    expect(parseYaml(text)).toMatchObject({
      services: {
        node0: { entrypoint: ["/x", "$$a"], environment: { PRICE: "$$5" }, user: "1000:1000" },
      },
    });
    expect(text).not.toContain("command");
  });

  test("labels everything, and gives our nodes image and arguments", () => {
    const text = renderOverride({
      holder: "12 boot/345",
      run: "r1",
      services: [{ name: "node0", image: "baleen/x:1", args: ["--home", "$HOME"] }, { name: "db" }],
      volumes: ["data"],
      networks: ["default"],
    });
    const labels = { "baleen.run": "r1" };
    const ofContainer = { ...labels, "baleen.holder": "12 boot/345" };
    expect(parseYaml(text)).toEqual({
      services: {
        // Compose reads $$ as $.
        node0: { labels: ofContainer, image: "baleen/x:1", command: ["--home", "$$HOME"] },
        db: { labels: ofContainer },
      },
      volumes: { data: { labels } },
      networks: { default: { labels } },
    });
  });
});
