import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkBoth, givenFrom } from "../../../src/options/checks/check.ts";
import { checkRemoteNetwork } from "../../../src/options/checks/check-once.ts";
import type { GivenParameters } from "../../../src/options/checks/given.ts";
import { checkRemote } from "../../../src/options/checks/remote.ts";
import { check, type Described, four, protocol, sourcesOf, yamlHosts } from "../described-hosts.ts";

describe("a remote network", () => {
  test("hosts of the environment, with the defaults", () => {
    const env = Object.fromEntries([0, 1, 2, 3].map((n) => [`MYSTICETI_NODE${n}_HOST`, `10.0.1.${n}`]));
    const { parameters, diagnostics } = check({ env });
    expect(diagnostics).toEqual([]);
    expect(parameters).toMatchObject({
      networkType: "remote",
      runtime: "docker",
      committee: 4,
      loadsTps: [50, 100, 200],
      startupWaitSecs: 30,
      protocolOptions: { leaderTimeoutMs: 1000 },
    });
    expect(parameters.remote).toEqual({
      hosts: [0, 1, 2, 3].map((n) => ({ name: `host${n}`, address: `10.0.1.${n}`, nodes: [n] })),
      hostKeyPolicy: "strict",
      sshTimeoutSecs: 30,
      rpcVia: "direct",
      clientPlacement: "coordinator",
      clientHosts: [],
      pull: false,
    });
  });

  test("everything that can be said of a host", () => {
    const file = four(`
      MYSTICETI_NODE1_SSH_PORT=2222
      MYSTICETI_NODE1_SSH_USER=admin
      export MYSTICETI_NODE1_SSH_KEY="~/.ssh/my key"   # of the lab
      MYSTICETI_NODE1_SSH_JUMP=jo@bastion:2022
      MYSTICETI_NODE1_PRIVATE_HOST=[fd00::1]
      MYSTICETI_NODE1_REGION='eu west'
      MYSTICETI_KNOWN_HOSTS=~/known
      SSH_TIMEOUT=7.5
      OTHER_TOOLS_VARIABLE=x
    `);
    const { remote, diagnostics } = check({ file });
    expect(diagnostics).toEqual([]);
    expect(remote?.hosts[1]).toEqual({
      name: "host1",
      address: "10.0.1.1",
      port: 2222,
      user: "admin",
      keyFile: "/home/me/.ssh/my key",
      jump: "jo@bastion:2022",
      privateAddress: "fd00::1",
      region: "eu west",
      nodes: [1],
    });
    expect(remote).toMatchObject({ sshTimeoutSecs: 7.5, knownHostsFile: "/home/me/known" });
  });

  test("options reach their place", () => {
    const values = {
      hostKeyPolicy: "accept-new",
      knownHosts: "~/kh",
      sshTimeout: 5,
      rpcVia: "ssh",
      image: "reg.example.com/node:1",
      pull: true,
      nodeCpus: "1.5",
      nodeMemory: 512,
      leaderTimeout: 300,
      remoteCommittee: 5,
      remoteLoads: "9",
    };
    const { parameters, remote } = check({ file: `${four()}MYSTICETI_NODE4_HOST=h5` }, values);
    expect(remote).toMatchObject({
      hostKeyPolicy: "accept-new",
      knownHostsFile: "/home/me/kh",
      sshTimeoutSecs: 5,
      rpcVia: "ssh",
      image: "reg.example.com/node:1",
      pull: true,
      cpus: 1.5,
      memoryMiB: 512,
    });
    expect(parameters).toMatchObject({
      committee: 5,
      loadsTps: [9],
      protocolOptions: { leaderTimeoutMs: 300 },
    });
  });

  test.each<[string, Record<string, string>, Record<string, unknown>, [user: string, timeoutSecs: number]]>([
    ["the environment before the file", { MYSTICETI_NODE0_SSH_USER: "a" }, {}, ["a", 30]],
    ["the file where the environment is empty", { MYSTICETI_NODE0_SSH_USER: "" }, {}, ["b", 30]],
    ["the time-out of the environment", { SSH_TIMEOUT: "4" }, {}, ["b", 4]],
    ["a flag before the environment", { SSH_TIMEOUT: "4" }, { sshTimeout: 3 }, ["b", 3]],
  ])("precedence: %s", (_, env, values, wanted) => {
    const { remote, diagnostics } = check({ env, file: four("MYSTICETI_NODE0_SSH_USER=b") }, values);
    expect(diagnostics).toEqual([]);
    expect([remote?.hosts[0]?.user, remote?.sshTimeoutSecs]).toEqual(wanted);
  });

  test("hosts beyond the committee are left out", () => {
    const { hosts, diagnostics } = check({ file: `${four()}MYSTICETI_NODE4_HOST=10.0.1.9` });
    expect([hosts?.length, diagnostics]).toEqual([4, []]);
  });
});

describe("nodes on hosts", () => {
  const placed = (described: Described, committee = 4) => {
    const { hosts, diagnostics } = check(described, { committee });
    return [...(hosts ?? []).map(({ name, nodes }) => `${name}: ${nodes.join(" ")}`), ...diagnostics];
  };

  test.each<[string, string[], number, string[]]>([
    [
      "one each",
      ["address: a", "address: b", "address: c", "address: d"],
      4,
      ["host0: 0", "host1: 1", "host2: 2", "host3: 3"],
    ],
    [
      "first slots before second ones",
      ["address: a, nodes: 3", "address: b, nodes: 1", "address: c, nodes: 3"],
      7,
      ["host0: 0 3 5", "host1: 1", "host2: 2 4 6"],
    ],
    [
      "numbered ones where they say",
      ["address: a, nodes: [3, 1]", "address: b, nodes: 2"],
      4,
      ["host0: 1 3", "host1: 0 2"],
    ],
    [
      "more room than nodes",
      ["address: a, nodes: 4", "address: b, nodes: 4"],
      4,
      ["host0: 0 2", "host1: 1 3"],
    ],
    [
      "numbers beyond the committee",
      ["address: a, nodes: 4", "address: b, nodes: [9]"],
      4,
      ["host0: 0 1 2 3"],
    ],
    [
      "names",
      ["name: eu, address: a, nodes: 2", "name: us, address: b, nodes: 2"],
      4,
      ["eu: 0 2", "us: 1 3"],
    ],
    [
      "one machine in two entries",
      ["address: a, nodes: 2", "address: A, port: 22, nodes: 2"],
      4,
      ["host0: 0 1 2 3"],
    ],
  ])("%s", (_, lines, committee, wanted) => {
    expect(placed({ yaml: yamlHosts(...lines) }, committee)).toEqual(wanted);
  });

  test("every node of the committee is on one host, and no host has more than it has room for", () => {
    const claims = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.subarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 1 })),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(claims, fc.integer({ min: 4, max: 16 }), (nodes, committee) => {
        const yaml = yamlHosts(
          ...nodes.map(
            (claim, index) => `name: h${index}, address: a${index}, nodes: ${JSON.stringify(claim)}`,
          ),
        );
        const { hosts, diagnostics } = check({ yaml }, { committee });
        const numbered = nodes.filter((claim) => typeof claim !== "number").flat();
        const free = committee - new Set(numbered.filter((number) => number < committee)).size;
        const slots = nodes.reduce<number>((sum, claim) => sum + (typeof claim === "number" ? claim : 0), 0);
        const twice = new Set(numbered).size < numbered.length;
        expect(diagnostics.length > 0).toBe(twice || slots < free);
        if (diagnostics.length > 0) return;
        const all = (hosts ?? []).flatMap((host) => host.nodes);
        expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: committee }, (_, index) => index));
        for (const host of hosts ?? []) {
          const claim = nodes[Number(host.name.slice(1))];
          if (typeof claim === "number") expect(host.nodes.length).toBeLessThanOrEqual(claim);
          else expect(claim).toEqual(expect.arrayContaining([...host.nodes]));
        }
      }),
    );
  });

  test("two variables with one host are one machine with two nodes, whose facts are joined", () => {
    const file = `
      MYSTICETI_NODE0_HOST=A.example
      MYSTICETI_NODE1_HOST=b.example
      MYSTICETI_NODE2_HOST=a.example
      MYSTICETI_NODE2_SSH_USER=admin
      MYSTICETI_NODE3_HOST=2001:db8:0::1
      MYSTICETI_NODE4_HOST=[2001:DB8::1]
    `;
    expect(check({ file }, { committee: 5 })).toMatchObject({
      diagnostics: [],
      hosts: [
        { name: "host0", address: "A.example", user: "admin", nodes: [0, 2] },
        { name: "host1", nodes: [1] },
        { name: "host3", nodes: [3, 4] },
      ],
    });
  });
});

describe("both networks", () => {
  const both = (values: Record<string, unknown>) =>
    checkBoth(givenFrom({ networkType: "both", ...values }), protocol, sourcesOf({ file: four() }));

  test.each<[string, Record<string, unknown>, readonly number[]]>([
    ["the remote defaults", {}, [50, 100, 200]],
    ["the remote loads", { remoteLoads: "7", localLoads: "8" }, [7]],
    ["one list for both", { loads: "9,10", remoteLoads: "7", localLoads: "8" }, [9, 10]],
  ])("share their loads: %s", (_, values, loadsTps) => {
    const { local, remote } = both(values);
    expect([local.diagnostics, remote.diagnostics]).toEqual([[], []]);
    expect(local.parameters).toMatchObject({ networkType: "local", loadsTps });
    expect(remote.parameters).toMatchObject({ networkType: "remote", loadsTps });
  });

  test("each has its own committee and runtime, and the same time-out", () => {
    const values = { localCommittee: 7, committee: 4, runtime: "process" };
    const { local, remote } = both(values);
    expect(local.parameters).toMatchObject({
      committee: 7,
      runtime: "process",
      protocolOptions: { leaderTimeoutMs: 1000 },
    });
    expect(local.parameters.remote).toBeUndefined();
    expect(remote.parameters).toMatchObject({
      committee: 4,
      runtime: "docker",
      protocolOptions: { leaderTimeoutMs: 1000 },
    });
    expect(remote.parameters.remote?.hosts).toHaveLength(4);
    expect([...local.diagnostics, ...remote.diagnostics]).toEqual([]);
  });

  test("a fault of either is told", () => {
    expect(both({ remoteCommittee: 5 }).remote.diagnostics).toMatchObject([{ code: "too-few-hosts" }]);
    expect(both({ loads: "x" }).local.diagnostics).toMatchObject([
      { message: expect.stringContaining('"x"') },
    ]);
  });
});

test("checkRemoteNetwork: 1,000 transactions at 100 tx/s on hosts, without files", () => {
  const given: GivenParameters = givenFrom({ sshTimeout: 3 });
  const { parameters, diagnostics } = checkRemoteNetwork(given, protocol, sourcesOf({ file: four() }));
  expect(diagnostics).toEqual([]);
  expect(parameters).toMatchObject({
    networkType: "remote",
    loadsTps: [100],
    numTransactions: 1000,
    fileOutput: false,
    remote: { sshTimeoutSecs: 3 },
  });
});

describe("checkRemote", () => {
  test("takes all hosts, whatever a committee needs", () => {
    const file = "MYSTICETI_NODE7_HOST=b\nMYSTICETI_NODE2_HOST=a\nMYSTICETI_NODE9_HOST=a\n";
    const { remote, diagnostics } = checkRemote({}, sourcesOf({ file }));
    expect(diagnostics).toEqual([]);
    expect(remote.hosts.map(({ name, nodes }) => [name, nodes])).toEqual([
      ["host2", [2, 9]],
      ["host7", [7]],
    ]);
  });

  test.each<[string, Described, string[]]>([
    ["no host", {}, [expect.stringMatching(/^There are no hosts\./)]],
    [
      "a node without a host",
      { env: { MYSTICETI_NODE0_HOST: "a", MYSTICETI_NODE1_SSH_USER: "x" } },
      ["MYSTICETI_NODE1_SSH_USER: this node has no host. Set MYSTICETI_NODE1_HOST too, or remove this."],
    ],
  ])("refuses %s", (_, described, messages) => {
    expect(checkRemote({}, sourcesOf(described)).diagnostics.map(({ message }) => message)).toEqual(messages);
  });
});

test("hosts.example.env shows every key, and all that it shows is understood", () => {
  const example = readFileSync(new URL("../../../hosts.example.env", import.meta.url), "utf8");
  expect(check({ file: example })).toMatchObject({ diagnostics: [], hosts: [{}, {}, {}, {}] });
  const { remote, diagnostics } = check({ file: example.replaceAll(/^#(?=[A-Z])/gm, "") });
  expect(diagnostics).toEqual([]);
  expect(remote).toMatchObject({ knownHostsFile: "/home/me/.ssh/known_hosts", sshTimeoutSecs: 30 });
  expect(remote?.hosts[0]).toEqual({
    name: "host0",
    address: "10.0.1.10",
    port: 22,
    user: "ubuntu",
    keyFile: "/home/me/.ssh/id_rsa",
    jump: "admin@bastion.example.com:22",
    privateAddress: "172.16.0.10",
    region: "eu-west",
    nodes: [0],
  });
});
