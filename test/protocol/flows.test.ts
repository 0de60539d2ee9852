/** Descriptions of scenarios, and what hosts are told. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import type { PlacementView } from "../../src/contracts/deployment.ts";
import type { NodeLoad } from "../../src/contracts/load/node-load.ts";
import type { OverlayHost } from "../../src/contracts/nodes/overlay.ts";
import { formatJson } from "../../src/core/documents/numbers.ts";
import { overlayHosts } from "../../src/deploy/links/overlay.ts";
import type { HostConfigFile } from "../../src/peer/host/config.ts";
import { flows } from "../../src/protocol/flows/flows.ts";
import { nextHops, planFlows } from "../../src/protocol/flows/plan.ts";
import { type FlowsFile, flowsFileSchema } from "../../src/protocol/flows/schema.ts";
import { openProtocol } from "../../src/protocol/open.ts";
import { linksOf } from "../deploy/links/matrix.ts";
import { codeBlocks } from "../docs/pages.ts";

const open = (text: string) => openProtocol({ kind: "file", path: "s.yaml", text });
const messagesOf = (text: string) => open(text).diagnostics.map(({ message }) => message);

const scenario = `name: scenario
flows:
  - { name: talk, from: node0, to: node1, rate: 50/s, size: 300B, reflect: true }
  - { name: load, from: node1, to: node2 }
networks:
  mine:
    daemons: [{ name: router, run: [/bin/sh, -c, "exec sleep \${address}", "\${interfaces}"], files: { r.conf: "id \${name}" } }]
    set-up: [[ip, route, add, "\${to}", via, "\${next}"]]
    route-to-all: true
    view: routes
  fixed: static
capture: [node1.link0]
`;

const overlayOf = (edges: readonly (readonly [string, string])[]) =>
  overlayHosts(linksOf(3, () => ({}), { overlay: { edges } }));
const row = overlayOf([
  ["node0", "node1"],
  ["node1", "node2"],
]);

/** On a machine that has all programs but one. */
function planOf(text: string, { network, load }: { readonly network: string; readonly load?: NodeLoad }) {
  const file = open(text).protocol?.definition as FlowsFile;
  const find = (name: string) =>
    name === "no-such-router" ? undefined : name.replace(/^(?!\/)/, "/usr/sbin/");
  return planFlows({ file, network }, { nodes: 3, load }, find);
}

function configOf(
  text: string,
  node: number,
  network = "mine",
): { config: HostConfigFile; files: Record<string, string> } {
  const load = { rateTps: 7, transactionSizeBytes: 1, warmUpSecs: 0, durationSecs: 1 };
  const [group] = planOf(text, { network, load }).groups;
  const names = ["node0", "node1", "node2"];
  const view: PlacementView = {
    home: "/home",
    nodes: names.map((name, index) => ({ name, role: "host", index })),
    endpoint: () => ({ host: "10.0.0.1", port: 1 }),
    listen: () => ({ host: "10.0.0.1", port: 2 }),
    exported: () => "",
    overlay: (name) => row.get(name) as OverlayHost,
  };
  const made = group?.configure({ name: names[node] ?? "", role: "host", index: node }, view);
  const files = Object.fromEntries((made?.files ?? []).map(({ path, content }) => [path, content]));
  return { config: JSON.parse(files["host.json"] ?? "{}"), files };
}

test("schema/scenario.schema.json is made of the schema that files are held to", async () => {
  // After a change of the schema: vitest run --project unit test/protocol/flows.test.ts --update
  const title = "A scenario for baleen";
  const text = formatJson({ title, ...z.toJSONSchema(flowsFileSchema(), { io: "input" }) });
  await expect(text).toMatchFileSnapshot("../../schema/scenario.schema.json");
});

test("the example, and that of the page, have no faults", () => {
  const example = readFileSync(new URL("../../examples/handover/network.yaml", import.meta.url), "utf8");
  const shown = codeBlocks("docs/scenarios.md").filter(({ text }) => text.includes("scenario.schema.json"));
  expect(shown).toHaveLength(1);
  for (const text of [example, ...shown.map(({ text }) => text)]) expect(messagesOf(text)).toEqual([]);
});

test("a host is told its ends of flows, its commands with their variables, and where others are", () => {
  const { config, files } = configOf(scenario, 0);
  expect(config).toMatchObject({
    name: "node0",
    address: "198.18.0.1",
    interfaces: { link1: { peer: "node1", address: "198.19.0.0" } },
    hosts: { node0: "198.18.0.1", node1: "198.18.0.2", node2: "198.18.0.3" },
    daemons: [{ name: "router", argv: ["/bin/sh", "-c", "exec sleep 198.18.0.1", "link1"] }],
    view: { from: "routes" },
    flows: [
      {
        ...{ name: "talk", kind: "udp", role: "sender", to: { host: "198.18.0.2", port: 27_000 } },
        ...{ reflects: true, perSec: 50, sizeBytes: 300 },
      },
    ],
    captures: [],
  });
  // To the last one over the one between.
  expect(config.setUp.map((argv) => argv.slice(1))).toEqual([
    ["route", "add", "198.18.0.2", "via", "198.19.0.1"],
    ["route", "add", "198.18.0.3", "via", "198.19.0.1"],
  ]);
  expect(files["r.conf"]).toBe("id node0");
  const { config: between } = configOf(scenario, 1);
  expect(between.captures).toEqual(["link0"]);
  expect(between.flows.map(({ name, role, perSec }) => [name, role, perSec])).toEqual([
    ["talk", "receiver", 50],
    ["load", "sender", 7],
  ]);
  expect(between.planHash).toBe(config.planHash);
});

test("a built-in network is told its files, and where its view is", () => {
  const text = scenario.replace("fixed: static", "ospf: bird");
  const { config, files } = configOf(text, 0, "ospf");
  expect(config.view).toEqual({ from: "bird", socket: "/home/bird.ctl" });
  expect(config.daemons[0]?.argv.join(" ")).toBe(
    "/usr/sbin/bird -f -c /home/bird.conf -s /home/bird.ctl -P /home/bird.pid",
  );
  expect(files["bird.conf"]).toContain("router id 198.18.0.1;");
});

test("an option chooses among the networks, and what a bundle kept makes the same protocol", () => {
  const { config } = configOf(scenario, 0, "fixed");
  expect(config.daemons).toEqual([]);
  expect(config.setUp[0]?.slice(1)).toEqual(
    "route replace 198.18.0.2/32 via 198.19.0.1 dev link1 src 198.18.0.1".split(" "),
  );
  const { protocol } = open(scenario);
  const described = { definition: JSON.parse(JSON.stringify(protocol?.definition)) };
  const kept = openProtocol({ kind: "kept", name: "scenario", observesCommits: false, described });
  expect(kept.diagnostics).toEqual([]);
  expect(kept.protocol?.options).toEqual(protocol?.options);
  expect(protocol?.options[0]).toMatchObject({
    name: "network",
    default: "mine",
    allowed: { choices: ["mine", "fixed"] },
  });
  const load = { rateTps: 7, transactionSizeBytes: 1, warmUpSecs: 0, durationSecs: 1 };
  expect(kept.protocol?.flows?.({ network: "fixed" }, load)).toMatchObject({
    network: "fixed",
    hasView: true,
  });
});

const programs = `name: programs
flows:
  - name: bulk
    from: node0
    to: node1
    kind: program
    rate: load
    size: 500B
    send: [bin/send, "\${from}", "\${to}:\${port}", "\${rate}", "\${size}", "\${seconds}"]
    receive: [node, ./receive.mjs, "\${neighbours}"]
  - { name: talk, from: node1, to: node0 }
networks:
  plain: static
  library: { flows: { bulk: { kind: native, send: [node, ./own.mjs] } } }
`;

test("programs at the ends of a flow get their variables, and files beside the description", () => {
  const file = open(programs).protocol?.definition as FlowsFile;
  expect(file.folder).toBe(process.cwd());
  const here = (path: string) => `${process.cwd()}/${path}`;
  const without = () => planOf(programs, { network: "plain" });
  expect(without).toThrow(
    expect.objectContaining({
      diagnostics: [
        {
          code: "program-missing",
          message: `${here("receive.mjs")} is missing, which a command of the description names. Fix the path.`,
        },
      ],
    }),
  );
  // A file that there is.
  const present = programs
    .replaceAll("./receive.mjs", "./package.json")
    .replaceAll("./own.mjs", "./README.md");
  const { config } = configOf(present, 0, "plain");
  const ends = (found: HostConfigFile) =>
    found.flows.map(({ name, kind, role, argv }) => [name, kind, role, argv]);
  expect(ends(config)).toEqual([
    ["bulk", "program", "sender", [here("bin/send"), "198.18.0.1", "198.18.0.2:27000", "7", "500", "1"]],
    ["talk", "udp", "receiver", undefined],
  ]);
  expect(ends(configOf(present, 1, "plain").config)[0]).toEqual([
    ...["bulk", "program", "receiver"],
    ["node", here("package.json"), "198.19.0.0", "198.19.0.3"],
  ]);
  const [group] = planOf(present, { network: "plain" }).groups;
  expect(group?.program).toMatchObject({ system: ["/usr/sbin/ip", here("bin/send"), here("package.json")] });
  // Another network has another program there.
  const { config: native } = configOf(present, 0, "library");
  expect(ends(native)[0]).toEqual(["bulk", "native", "sender", ["node", here("README.md")]]);
  expect(native.flows[0]).toMatchObject({ perSec: 7, sizeBytes: 500 });
});

describe("refuses", () => {
  const head = "name: s\nnetworks: { static: static }\nflows:\n";
  test.each<[string, RegExp[]]>([
    ["name: s\nnetworks: { b: babel }", [/flows is missing/]],
    ["flows: []\nname: s", [/networks is missing/, /flows: must have at least 1 item/]],
    [`${head}  - { name: a, from: node0, to: node0 }`, [/node0 sends to itself/]],
    [
      `${head}  - { name: a, from: node0, to: node1, kind: video, size: 5B }\n  - { name: a, from: node0, to: node1, rate: 5 }`,
      [/video: needs a rate/, /a head of 18 bytes/, /a is there twice/, /rate: must be/],
    ],
    [`${head}  - { name: a, from: node0, to: node1, size: 9kB }`, [/a udp flow sends at most 1300 bytes/]],
    [
      `${head}  - { name: a, from: node0, to: node1, kind: iperf3, reflect: true }`,
      [/iperf3 sends nothing back/],
    ],
    [
      `name: s\nflows: [{ name: a, from: node0, to: node1 }]\nnetworks:\n  n: { daemons: [{ name: d, run: ["\${nme}"], files: { ../x: "" } }], view: { bird: "\${hme}/x" } }`,
      [/unknown variable \$\{nme\}/, /unknown variable \$\{hme\}/, /is not within the host's folder/],
    ],
    [
      `${head}  - { name: a, from: node0, to: node1, kind: native, send: ["\${rat}"] }\n  - { name: b, from: node0, to: node1, receive: [x] }`,
      [/native: needs receive/, /unknown variable \$\{rat\}/, /receive: is for kind: program/],
    ],
    [
      "name: s\nflows: [{ name: a, from: node0, to: node1 }]\nnetworks: { n: { flows: { b: { rate: load }, a: { kind: video } } } }",
      [/there is no flow b; name one of a/, /video: needs a rate/],
    ],
    [
      "name: flows\nflows: [{ name: a, from: node0, to: node1 }]\nnetworks: { b: babel }",
      [/name of a built-in protocol/],
    ],
  ])("%s", (text, messages) => {
    const found = messagesOf(text);
    for (const message of messages) expect(found).toContainEqual(expect.stringMatching(message));
    expect(found).toHaveLength(messages.length);
  });

  test("nodes that there are not, and programs that are missing", () => {
    const text = scenario.replace("to: node2", "to: node7").replace("/bin/sh", "no-such-router");
    expect(() => planOf(text, { network: "mine" })).toThrow(
      expect.objectContaining({
        diagnostics: [
          expect.objectContaining({ message: expect.stringMatching(/there is no node node7 among 3/) }),
          expect.objectContaining({
            code: "program-missing",
            message: expect.stringMatching(/^no-such-router is missing/),
          }),
        ],
      }),
    );
  });
});

test("a way is the shortest by links, and nothing leads to who has none", () => {
  expect([...nextHops("node0", row)]).toEqual([
    ["node1", "node1"],
    ["node2", "node1"],
  ]);
  expect([...nextHops("node2", overlayOf([["node0", "node1"]]))]).toEqual([]);
});

test("the built-in scenario has one reflected flow at the load's rate", () => {
  const load = { rateTps: 30, transactionSizeBytes: 1, warmUpSecs: 0, durationSecs: 1 };
  expect(flows.flows?.({}, load)).toMatchObject({
    network: "static",
    flows: [{ name: "talk", from: "node0", to: "node1", reflects: true, perSec: 30 }],
  });
});
