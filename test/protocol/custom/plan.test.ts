import { describe, expect, test } from "vitest";
import type { DeploymentPlan, NodeConfiguration, PlacementView } from "../../../src/contracts/deployment.ts";
import type { Protocol } from "../../../src/contracts/protocol.ts";
import { ConfigurationError } from "../../../src/core/errors.ts";
import { hideSecrets } from "../../../src/core/trace.ts";
import { parseCustomProtocol } from "../../../src/protocol/custom/custom.ts";

const text = `name: pair
tolerates: third
options:
  heartbeat-ms: { meaning: beat, default: 100, from: 10, to: 1000 }
  mode: { meaning: how, default: fast, choices: [fast, slow] }
secrets: [token]
nodes:
  - role: seed
    count: 1
    program: { binary: ./bin/seed, image: "seed:1" }
    ports: { peer: 4000, metrics: any }
    exports:
      id: { from: log, pattern: "id=(.*)" }
      key: { from: http, port: metrics, path: /key, pointer: /a }
  - role: member
    program: { binary: member, image: "member:1", entrypoint: [/member] }
    ports: { rpc: any, peer: any }
    lists:
      all: { item: "\${item.number}@\${item.peer}", separator: " " }
      others: { of: [member, seed], except-self: true, item: "\${node.name}>\${item.name}" }
    command:
      - --id=\${seed.id}
      - --seed=\${seed.peer.host},\${seed.peer.port},\${seed.name}
      - \${lists.all}
      - \${lists.others}
      - 5
    environment:
      SELF: \${node.name} \${node.role} \${node.index} \${node.number} \${node.home}
      LISTEN: \${node.listen.rpc} \${node.listen.rpc.port}
      COMMITTEE: \${committee.size} \${committee.faults}
      FIRST: \${member.rpc}
    files:
      - { path: config.yml, mode: "0600", content: "beat: \${options.heartbeat-ms}\\nmode: \${options.mode}\\ncost: $$1\\n" }
      - { path: token, content: "\${secret.token}" }
health: { path: /health }
transaction: { path: /put, body: "\${transaction}" }
metrics: { port: rpc, keep: [up] }
`;

function parsed(findProgram?: (name: string) => string | undefined): Protocol {
  const { protocol, diagnostics } = parseCustomProtocol(text, {
    file: "pair.yaml",
    folder: "/etc/pair",
    findProgram,
  });
  expect(diagnostics).toEqual([]);
  if (protocol === undefined) throw new TypeError("it has no faults");
  return protocol;
}

const view = (home: string, self: string): PlacementView => ({
  home,
  nodes: [
    { name: "node0", role: "member", index: 0 },
    { name: "node1", role: "member", index: 1 },
    { name: "node2", role: "seed", index: 0 },
  ],
  endpoint: (target, plane) => ({ host: target, port: plane === "rpc" ? 1 : 2 }),
  listen: (plane) => ({ host: self, port: plane === "rpc" ? 11 : 12 }),
  exported: (node, name) => `${node}'s ${name}`,
});

function configured(plan: DeploymentPlan, index: number): NodeConfiguration {
  const group = plan.groups.find(({ role }) => role === "member");
  if (group === undefined) throw new TypeError("no group of members");
  const node = { name: `node${index}`, role: "member", index };
  return group.configure(node, view("/home", "::"));
}

describe("the plan of a description", () => {
  test("has the committee first, then those that it starts after", () => {
    const { groups } = parsed().plan({ nodes: 2, options: {} });
    expect(groups).toMatchObject([
      {
        role: "member",
        count: 2,
        isHelper: false,
        planes: ["rpc", "peer"],
        ports: {},
        startAfter: ["seed"],
        exports: {},
      },
      {
        role: "seed",
        count: 1,
        isHelper: true,
        planes: ["peer", "metrics"],
        ports: { peer: 4000 },
        startAfter: [],
        exports: {
          id: { from: "log", pattern: /id=(.*)/ },
          key: { from: "http", plane: "metrics", path: "/key", pointer: "/a" },
        },
      },
    ]);
  });

  test("tells each node what it sees", () => {
    const { args, env, files } = configured(parsed().plan({ nodes: 2, options: {} }), 1);
    expect(args).toEqual([
      "--id=node2's id",
      "--seed=node2,2,node2",
      "1@node0:2 2@node1:2",
      "node1>node0,node1>node2",
      "5",
    ]);
    expect(env).toEqual({
      SELF: "node1 member 1 2 /home",
      LISTEN: "[::]:11 11",
      COMMITTEE: "2 0",
      FIRST: "node0:1",
    });
    expect(files[0]).toEqual({
      path: "config.yml",
      mode: 0o600,
      content: "beat: 100\nmode: fast\ncost: $1\n",
    });
    expect(files[1]).toMatchObject({
      path: "token",
      mode: 0o644,
      content: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test("has secrets that are the same on all nodes, and others in another network", () => {
    const secretOf = (plan: DeploymentPlan, index: number) => configured(plan, index).files[1]?.content;
    const protocol = parsed();
    const plan = protocol.plan({ nodes: 2, options: {} });
    expect(secretOf(plan, 0)).toBe(secretOf(plan, 1));
    expect(secretOf(protocol.plan({ nodes: 2, options: {} }), 0)).not.toBe(secretOf(plan, 0));
    expect(hideSecrets(`node ${secretOf(plan, 0)}`)).toBe("node ***");
  });

  test("takes options by the names of protocols, and tells all that is wrong with them", () => {
    const protocol = parsed();
    expect(protocol.options.map(({ name }) => name)).toEqual(["heartbeatMs", "mode"]);
    const plan = protocol.plan({ nodes: 2, options: { heartbeatMs: 20, mode: "slow" } });
    expect(configured(plan, 0).files[0]?.content).toBe("beat: 20\nmode: slow\ncost: $1\n");
    const wrong = () => protocol.plan({ nodes: 0, options: { heartbeatMs: 5, mode: "medium", hartbeat: 1 } });
    expect(wrong).toThrow(ConfigurationError);
    for (const part of [/0 nodes/, /heartbeatMs .*10 to 1000/, /one of fast, slow/, /no option hartbeat/]) {
      expect(wrong).toThrow(part);
    }
  });

  test("tolerates what the description says, and shows metrics where it does", () => {
    const protocol = parsed();
    expect([1, 3, 4, 7].map(protocol.toleratedFaults)).toEqual([0, 0, 1, 2]);
    expect(protocol.metrics).toEqual({ plane: "rpc", path: "/metrics", keep: ["up"] });
  });
});

describe("the program of a group", () => {
  const programs = (protocol: Protocol, program?: { path?: string; image?: string }) =>
    protocol.plan({ nodes: 2, options: {}, program }).groups.map((group) => group.program);

  test("is looked for by its name, or stands beside the description", () => {
    expect(programs(parsed((name) => `/found/${name}`))).toMatchObject([
      { kind: "foreign-program", name: "member", path: "/found/member", entrypoint: ["/member"] },
      { kind: "foreign-program", name: "seed", path: "/etc/pair/bin/seed", image: "seed:1" },
    ]);
    expect(programs(parsed(() => undefined))).toMatchObject([
      {
        name: "member",
        path: undefined,
        remedy: "Install member, or set its path with --node-binary. It is named in pair.yaml:16.",
      },
      { name: "seed" },
    ]);
  });

  test("is the one that the user names for the committee, and for helpers that have the same program", () => {
    const shared = text.replace(
      '{ binary: ./bin/seed, image: "seed:1" }',
      "&member { binary: member, image: m }",
    );
    const same = parseCustomProtocol(
      shared.replace('{ binary: member, image: "member:1", entrypoint: [/member] }', "*member"),
      { file: "pair.yaml", folder: "/etc/pair" },
    ).protocol;
    if (same === undefined) throw new TypeError("it has faults");
    expect(programs(same, { path: "/mine" })).toMatchObject([{ path: "/mine" }, { path: "/mine" }]);
    expect(programs(same, { image: "n" })).toMatchObject([{ image: "n" }, { image: "n" }]);
    const apart = parseCustomProtocol(shared, { file: "pair.yaml", folder: "/etc/pair" }).protocol;
    if (apart === undefined) throw new TypeError("it has faults");
    expect(programs(apart, { image: "n" })).toMatchObject([{ image: "n" }, { image: "m" }]);
  });

  test("of helpers that have another one stays what it is", () => {
    const [mine, seed] = programs(parsed(), { path: "/mine" });
    expect(mine).toMatchObject({ path: "/mine", image: undefined });
    expect(mine).not.toHaveProperty("entrypoint");
    expect(seed).toMatchObject({ path: "/etc/pair/bin/seed" });
    expect(
      programs(
        parsed((name) => `/found/${name}`),
        { image: "mine:2" },
      ),
    ).toMatchObject([{ path: undefined, image: "mine:2", entrypoint: ["/member"] }, { image: "seed:1" }]);
  });
});

describe("ports and values by index", () => {
  const indexed = text
    .replace(
      "ports: { rpc: any, peer: any }",
      "ports: { rpc: any, peer: { base: 1500 } }\n    values: { zone: [eu, 7], key: 'k{index}-{index}' }",
    )
    .replace(
      'separator: " "',
      'separator: " " }\n      zones: { item: "${item.zone}/${item.key}", of: member',
    )
    .replace("- ${lists.all}", "- ${lists.zones}")
    .replace("- 5", "- ${node.zone} ${node.key} ${member.zone}");
  const open = () => parseCustomProtocol(indexed, { file: "pair.yaml", folder: "/etc/pair" });

  test("each node has its own, and knows those of the others", () => {
    const { protocol, diagnostics } = open();
    expect(diagnostics).toEqual([]);
    const plan = protocol?.plan({ nodes: 2, options: {} });
    if (plan === undefined) throw new TypeError("it has no faults");
    expect(plan.groups[0]?.ports).toEqual({ peer: { base: 1500 } });
    expect([0, 1].map((index) => configured(plan, index).args.slice(2))).toEqual([
      ["eu/k0-0,7/k1-1", expect.any(String), "eu k0-0 eu"],
      ["eu/k0-0,7/k1-1", expect.any(String), "7 k1-1 eu"],
    ]);
  });

  test("a committee that a list is too short for is refused, with the line", () => {
    const { protocol } = open();
    const place = indexed.slice(0, indexed.indexOf("values:")).split("\n").length;
    expect(() => protocol?.plan({ nodes: 3, options: {} })).toThrow(
      `pair.yaml:${place}: zone has 2 items for 3 nodes. Add an item for each, or use a smaller committee.`,
    );
  });
});
