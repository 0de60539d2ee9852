import { describe, expect, test } from "vitest";
import { formatYaml } from "../../../src/core/documents/yaml.ts";
import {
  type ComposeModel,
  parseComposeModel,
  selectNodes,
} from "../../../src/deploy/docker/compose-services.ts";

/** As docker-compose 1.29 prints it. */
const v1 = `networks:
  n1: {}
  n2:
    external: true
    name: n2
services:
  a:
    image: x
    labels:
      baleen.node: '0'
      k: ''
    networks:
      n1: null
    ports:
    - target: 26657
    - 127.0.0.1:26660:26660/tcp
    - ::1:7000:7000/tcp
    - protocol: udp
      published: 5000
      target: 5000
    - protocol: tcp
      published: 30000
      target: 26657
  b:
    container_name: fixed
    image: "y"
    network_mode: host
version: '3.7'
volumes:
  v1: {}
  v2:
    external: true
    name: v2
`;

/** As docker compose 2.24 prints it. */
const v2 = `name: baleen
services:
  a:
    build:
      context: /somewhere
      dockerfile: Dockerfile
    labels:
      baleen.node: "0"
    networks:
      default: null
    ports:
      - mode: ingress
        host_ip: 127.0.0.1
        target: 26657
        published: "26657"
        protocol: tcp
      - mode: ingress
        target: 26660
        published: "0"
        protocol: tcp
networks:
  default:
    name: baleen_default
volumes:
  data:
    name: baleen_data
`;

describe("the normal form of compose", () => {
  test("of v1: short and long ports, external things left out", () => {
    expect(parseComposeModel(v1)).toEqual({
      services: [
        {
          name: "a",
          image: "x",
          containerName: undefined,
          labels: { "baleen.node": "0", k: "" },
          hasOwnHome: false,
          ports: [
            { containerPort: 26_657, host: "0.0.0.0", port: undefined },
            { containerPort: 26_660, host: "127.0.0.1", port: 26_660 },
            { containerPort: 7000, host: "::1", port: 7000 },
            { containerPort: 26_657, host: "0.0.0.0", port: 30_000 },
          ],
        },
        { name: "b", image: "y", containerName: "fixed", labels: {}, hasOwnHome: false, ports: [] },
      ],
      volumes: ["v1"],
      networks: ["n1"],
    });
  });

  test("of v2: everything in long form, the default network named", () => {
    expect(parseComposeModel(v2)).toEqual({
      services: [
        {
          name: "a",
          image: undefined,
          containerName: undefined,
          labels: { "baleen.node": "0" },
          hasOwnHome: false,
          ports: [
            { containerPort: 26_657, host: "127.0.0.1", port: 26_657 },
            { containerPort: 26_660, host: "0.0.0.0", port: undefined },
          ],
        },
      ],
      volumes: ["data"],
      networks: ["default"],
    });
  });

  test.each([
    ["26657", []],
    ["26657:26657", [26_657]],
    ["127.0.0.1::26657", []],
    ["127.0.0.1:30000-30001:26657-26658/tcp", [30_000, 30_001]],
    ["[::]:7:8", [7]],
    ["53:53/udp", []],
    ["nonsense", []],
  ])("port %s is published on %j", (port, expected) => {
    const model = parseComposeModel(formatYaml({ services: { a: { image: "x", ports: [port] } } }));
    const published = model.services[0]?.ports.map((found) => found.port).filter(Boolean);
    expect(published).toEqual(expected);
  });

  test.each(["", "services: []", "services: {a: null}", "- a", "7"])("%j makes no trouble", (text) => {
    expect(parseComposeModel(text).volumes).toEqual([]);
  });
});

function model(services: Record<string, { ports?: string[]; node?: string }>): ComposeModel {
  const entries = Object.entries(services).map(([name, { ports = [], node }]) => {
    return [name, { image: "x", ports, ...(node === undefined ? {} : { labels: { "baleen.node": node } }) }];
  });
  return parseComposeModel(formatYaml({ services: Object.fromEntries(entries) }));
}

const selection = { path: "my.yml", committee: 2, rpcPort: 26_657 };

function diagnosticsOf(read: ComposeModel, committee = 2) {
  const selected = selectNodes(read, { ...selection, committee });
  return "diagnostics" in selected ? selected.diagnostics : [];
}

describe("which services are nodes", () => {
  test("those with labels, by number, whatever else publishes the port", () => {
    const read = model({
      alpha: { node: "1", ports: ["127.0.0.1:1001:26657", "127.0.0.2:1002:26660"] },
      beta: { node: "0", ports: ["1000:26657"] },
      proxy: { ports: ["999:26657"] },
    });
    expect(selectNodes(read, selection)).toEqual({
      nodes: [
        { service: "beta", rpc: { host: "127.0.0.1", port: 1000 }, metrics: undefined },
        {
          service: "alpha",
          rpc: { host: "127.0.0.1", port: 1001 },
          metrics: { host: "127.0.0.2", port: 1002 },
        },
      ],
    });
  });

  test("without labels, those that publish the RPC port, in order of name, node2 before node10", () => {
    const read = model({
      node10: { ports: ["1010:26657"] },
      node2: { ports: ["1002:26657"] },
      db: { ports: ["5432:5432"] },
    });
    const selected = selectNodes(read, selection);
    expect("nodes" in selected && selected.nodes.map(({ service }) => service)).toEqual(["node2", "node10"]);
  });

  test("none: says how to make them known", () => {
    expect(diagnosticsOf(model({ web: { ports: ["80:80"] } }))).toEqual([
      {
        code: "compose-no-nodes",
        message:
          "No service of my.yml is labelled baleen.node or publishes port 26657. Label the nodes baleen.node: 0, 1, …; or name their RPC port with --rpc-port; or name another file with --docker-compose-path.",
      },
    ]);
  });

  test("a number other than the committee", () => {
    const read = model({ a: { ports: ["1:26657"] }, b: { ports: ["2:26657"] } });
    expect(diagnosticsOf(read, 4)).toEqual([
      {
        code: "compose-committee",
        message:
          "my.yml has 2 nodes (a, b), but the committee is 4. Set --committee 2, or name another file with --docker-compose-path.",
      },
    ]);
  });

  test.each([[["0", "0"]], [["1", "2"]], [["0", "x"]], [["0", ""]]])("labels %j", (labels) => {
    const [first = "", second = ""] = labels;
    const read = model({
      a: { node: first, ports: ["1:26657"] },
      b: { node: second, ports: ["2:26657"] },
    });
    expect(diagnosticsOf(read).map(({ code }) => code)).toEqual(["compose-labels"]);
  });

  test("all that is wrong at once, each on one line", () => {
    const read = model({ a: { node: "0" }, b: { node: "7", ports: ["26657"] }, c: { node: "1" } });
    const diagnostics = diagnosticsOf(read);
    expect(diagnostics.map(({ code }) => code)).toEqual([
      "compose-committee",
      "compose-labels",
      "compose-port",
      "compose-port",
      "compose-port",
    ]);
    for (const { message } of diagnostics) expect(message).not.toContain("\n");
  });
});
