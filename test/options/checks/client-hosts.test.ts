import { describe, expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { checkRemote } from "../../../src/options/checks/remote.ts";
import { check, type Described, four, protocol, sourcesOf, yamlHosts } from "../described-hosts.ts";

const dedicated = { clientPlacement: "dedicated" };

describe("hosts for clients alone", () => {
  test("of variables, with all that can be said of them", () => {
    const file = four(`
      CLIENT0_HOST=10.0.2.0
      CLIENT1_HOST=10.0.2.1
      CLIENT1_SSH_PORT=2222
      CLIENT1_SSH_USER=admin
      CLIENT1_SSH_KEY=~/.ssh/clients
      CLIENT1_SSH_JUMP=none
      CLIENT1_REGION=eu
    `);
    const { remote, diagnostics } = check({ file, env: { CLIENT0_HOST: "10.0.3.0" } }, dedicated);
    expect(diagnostics).toEqual([]);
    expect(remote?.hosts.map(({ name }) => name)).toEqual(["host0", "host1", "host2", "host3"]);
    expect(remote?.clientHosts).toEqual([
      { name: "client-host0", address: "10.0.3.0", nodes: [] },
      {
        name: "client-host1",
        address: "10.0.2.1",
        port: 2222,
        user: "admin",
        keyFile: "/home/me/.ssh/clients",
        jump: "none",
        region: "eu",
        nodes: [],
      },
    ]);
  });

  test("of a YAML file", () => {
    const yaml = `${yamlHosts("address: h1, nodes: 4")}clients:\n  - {address: c1, name: load, user: jo}\n  - {address: c2}\n`;
    const { remote, diagnostics } = check({ yaml }, dedicated);
    expect(diagnostics).toEqual([]);
    expect(remote?.clientHosts).toEqual([
      { name: "load", address: "c1", user: "jo", nodes: [] },
      { name: "client-host1", address: "c2", nodes: [] },
    ]);
  });

  test.each(["coordinator", "colocated"])("are passed over where clients run elsewhere: %s", (place) => {
    const { remote, diagnostics } = check(
      { file: four("CLIENT0_SSH_JMP=c9\n"), env: { CLIENT0_HOST: "1.2.3.4.5", CLIENT0_SSH_PROT: "x" } },
      { clientPlacement: place },
    );
    expect(diagnostics).toEqual([]);
    expect(remote).toMatchObject({ clientPlacement: place, clientHosts: [] });
  });

  test("belong to the hosts that commands about hosts are about", () => {
    const { remote, diagnostics } = checkRemote({}, sourcesOf({ file: four("CLIENT0_HOST=c0\n") }));
    expect(diagnostics).toEqual([]);
    expect(remote.clientHosts.map(({ address }) => address)).toEqual(["c0"]);
  });

  const refused: [string, Described, Record<string, unknown>, unknown[]][] = [
    [
      "none",
      { file: four() },
      {},
      [
        'clientPlacement: "dedicated" requires separate hosts for clients, and there are none. Set CLIENT0_HOST (and CLIENT1_HOST, ...) in the environment or the hosts file, or give a list "clients:" in a YAML file.',
      ],
    ],
    [
      "nodes that only their own hosts reach",
      { file: four("CLIENT0_HOST=c0\n") },
      { rpcVia: "ssh" },
      [
        `rpcVia: with "ssh" only the nodes' own hosts can reach their RPC, so clients on other hosts cannot. Use --rpc-via direct, or --client-placement colocated.`,
      ],
    ],
    [
      "a host that has a node",
      { file: four("CLIENT0_HOST=10.0.1.2\n") },
      {},
      [
        "CLIENT0_HOST in hosts.env:5: 10.0.1.2 port 22 is also at MYSTICETI_NODE2_HOST in hosts.env:3. Use another machine for clients, or run them beside the nodes: --client-placement colocated.",
      ],
    ],
    [
      "a host twice",
      { file: four("CLIENT0_HOST=c0\nCLIENT1_HOST=C0\n") },
      {},
      [expect.stringMatching(/^CLIENT1_HOST .* is also at CLIENT0_HOST .*\. Name each machine once\.$/)],
    ],
    [
      "a name twice",
      { yaml: `${yamlHosts("address: h1, nodes: 4, name: a")}clients: [{address: c1, name: a}]\n` },
      {},
      [
        "clients[0] in hosts.yaml:3: its name a is also the name of hosts[0] in hosts.yaml:2. Use different names.",
      ],
    ],
    [
      "a host without an address",
      { file: four("CLIENT0_HOST=c0\nCLIENT1_SSH_USER=jo\n") },
      {},
      [
        "CLIENT1_SSH_USER in hosts.env:6: this client host has no address. Set CLIENT1_HOST too, or remove this.",
      ],
    ],
    [
      "names that are nearly those of variables",
      { file: four("CLIENT0_HOST=c0\nCLIENT0_SSH_JMP=c9\nCLIENT0_COLOR=red\n"), env: { CLIENT1_HOTS: "c1" } },
      {},
      [
        "CLIENT0_SSH_JMP in hosts.env:6: no such key. Did you mean CLIENT0_SSH_JUMP?",
        "CLIENT0_COLOR in hosts.env:7: no such key. See hosts.example.env for the keys.",
        "CLIENT1_HOTS: no such environment variable. Did you mean CLIENT1_HOST?",
      ],
    ],
    [
      "a private address, which is for nodes",
      { file: four("CLIENT0_HOST=c0\nCLIENT0_PRIVATE_HOST=10.1.1.1\n") },
      {},
      ["CLIENT0_PRIVATE_HOST in hosts.env:6: no such key. Only hosts with nodes have a private address."],
    ],
    [
      "nodes on a host for clients",
      { yaml: `${yamlHosts("address: h1, nodes: 4")}clients: [{address: c1, nodes: 1}]\n` },
      {},
      [expect.stringMatching(/^clients\[0\]\.nodes in hosts\.yaml:3: no such key\./)],
    ],
    [
      "what is no list",
      { yaml: `${yamlHosts("address: h1, nodes: 4")}clients: c1\n` },
      {},
      [
        expect.stringMatching(/^hosts\.yaml:3: "clients" is not a list\./),
        expect.stringContaining("requires separate hosts for"),
      ],
    ],
  ];
  test.each(refused)("are refused: %s", (_, described, values, messages) => {
    const { diagnostics, remote } = check(described, { ...dedicated, ...values });
    expect(diagnostics).toEqual(messages);
    if (values.rpcVia === undefined) expect(remote?.clientHosts).toEqual([]);
  });
});

test("clients of a local network run on its machine", () => {
  const given = (rank: number) => ({
    networkType: { name: "networkType", value: "local", rank: 0 },
    clientPlacement: { name: "--client-placement", value: "colocated", rank },
  });
  expect(checkParameters(given(0), protocol).diagnostics.map(({ message }) => message)).toEqual([
    "--client-placement: clients of a local network always run on this machine. Add --network-type remote, or remove it.",
  ]);
  // From the environment it may be meant for other commands.
  expect(checkParameters(given(1), protocol).diagnostics).toEqual([]);
  expect(checkParameters(givenFrom({ clientPlacement: "coordinator" }), protocol).diagnostics).toEqual([]);
});
