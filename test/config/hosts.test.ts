import { describe, expect, test } from "vitest";
import { checkBoth, checkParameters, type GivenParameters, givenFrom } from "../../src/config/check.ts";
import { checkRemoteNetwork } from "../../src/config/check-once.ts";
import type { HostSources } from "../../src/config/host-description.ts";
import { checkRemote } from "../../src/config/remote.ts";

const protocol = {
  toleratedFaults: (nodes: number) => Math.floor((nodes - 1) / 3),
  transactions: { smallestBytes: 18, largestBytes: 1_000_000 },
};

interface Described {
  readonly env?: Record<string, string>;
  /** Text of hosts.env. */
  readonly file?: string;
  /** Text of hosts.yaml. */
  readonly yaml?: string;
}

function sourcesOf({ env = {}, file, yaml }: Described): HostSources {
  const home = "/home/me";
  if (file !== undefined) return { environment: env, home, file: { path: "hosts.env", text: file } };
  if (yaml !== undefined) return { environment: env, home, file: { path: "hosts.yaml", text: yaml } };
  return { environment: env, home };
}

function check(described: Described, values: Record<string, unknown> = {}) {
  const given = givenFrom({ networkType: "remote", ...values });
  const { parameters, faults } = checkParameters(given, protocol, sourcesOf(described));
  return {
    parameters,
    remote: parameters.remote,
    hosts: parameters.remote?.hosts,
    faults: faults.map(({ message }) => message),
  };
}

const four = (more = "") =>
  [0, 1, 2, 3].map((number) => `MYSTICETI_NODE${number}_HOST=10.0.1.${number}\n`).join("") + more;
const yamlHosts = (...lines: string[]) => `hosts:\n${lines.map((line) => `  - {${line}}\n`).join("")}`;

describe("a remote network", () => {
  test("hosts of the environment, with the defaults", () => {
    const env = Object.fromEntries([0, 1, 2, 3].map((n) => [`MYSTICETI_NODE${n}_HOST`, `10.0.1.${n}`]));
    const { parameters, faults } = check({ env });
    expect(faults).toEqual([]);
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
    const { remote, faults } = check({ file });
    expect(faults).toEqual([]);
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
    const { remote, faults } = check({ env, file: four("MYSTICETI_NODE0_SSH_USER=b") }, values);
    expect(faults).toEqual([]);
    expect([remote?.hosts[0]?.user, remote?.sshTimeoutSecs]).toEqual(wanted);
  });

  test("hosts beyond the committee are left out", () => {
    const { hosts, faults } = check({ file: `${four()}MYSTICETI_NODE4_HOST=10.0.1.9` });
    expect([hosts?.length, faults]).toEqual([4, []]);
  });
});

describe("nodes on hosts", () => {
  const placed = (described: Described, committee = 4) => {
    const { hosts, faults } = check(described, { committee });
    return [...(hosts ?? []).map(({ name, nodes }) => `${name}: ${nodes.join(" ")}`), ...faults];
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
      faults: [],
      hosts: [
        { name: "host0", address: "A.example", user: "admin", nodes: [0, 2] },
        { name: "host1", nodes: [1] },
        { name: "host3", nodes: [3, 4] },
      ],
    });
  });
});

describe("what is wrong with hosts", () => {
  const tooFew = (rest: string) => `A committee of 4 needs ${rest}`;
  test.each<[string, Described, string[]]>([
    [
      "none at all",
      {},
      [
        tooFew(
          "hosts, and none is given. Name them in a file (--hosts FILE; hosts.example.env shows every key), or set MYSTICETI_NODE0_HOST to MYSTICETI_NODE3_HOST.",
        ),
      ],
    ],
    [
      "too few",
      { file: "MYSTICETI_NODE0_HOST=a\nMYSTICETI_NODE2_HOST=c\nMYSTICETI_NODE3_SSH_USER=x" },
      [
        tooFew(
          "a place for each node, and nodes 1, 3 have none. Set MYSTICETI_NODE1_HOST and MYSTICETI_NODE3_HOST (a host may hold several nodes), or give a smaller --committee.",
        ),
      ],
    ],
    [
      "too few slots",
      { yaml: yamlHosts("address: a, nodes: 2", "address: b") },
      [
        tooFew(
          "a place for each node, and node 3 has none. Give more hosts, or more nodes to a host (nodes: 2), or a smaller --committee.",
        ),
      ],
    ],
    [
      "misspelt keys, by line",
      {
        file: four(
          "MYSTICETI_NODE0_SHH_PORT=22\n\nMYSTICETI_NODE1_HOTS=a\nSSH_TIMEOT=3\nMYSTICETI_X=1\nMYSTICETI_NODE128_HOST=a\n",
        ),
      },
      [
        "MYSTICETI_NODE0_SHH_PORT in hosts.env:5: no such key. Did you mean MYSTICETI_NODE0_SSH_PORT?",
        "MYSTICETI_NODE1_HOTS in hosts.env:7: no such key. Did you mean MYSTICETI_NODE1_HOST?",
        "SSH_TIMEOT in hosts.env:8: no such key. Did you mean SSH_TIMEOUT?",
        "MYSTICETI_X in hosts.env:9: no such key. See hosts.example.env for the keys.",
        "MYSTICETI_NODE128_HOST in hosts.env:10: no such key. Nodes are numbered from 0 to 127.",
      ],
    ],
    [
      "a misspelt variable beside those of others",
      { file: four(), env: { MYSTICETI_NODE0_SSH_USR: "x", MYSTICETI_HOME: "/opt", SSH_AUTH_SOCK: "/s" } },
      ["MYSTICETI_NODE0_SSH_USR: no such environment variable. Did you mean MYSTICETI_NODE0_SSH_USER?"],
    ],
    [
      "everything at once, with the place of each",
      {
        file: four("MYSTICETI_NODE0_SSH_PORT=99999\nno assignment\nSSH_TIMEOUT=soon\n"),
        env: { MYSTICETI_NODE2_HOST: "a;reboot", MYSTICETI_NODE1_SSH_KEY: "a\nb" },
      },
      [
        "hosts.env:6: this is no NAME=value. Correct the line, or put # before it.",
        expect.stringMatching(/^MYSTICETI_NODE0_SSH_PORT in hosts\.env:5: 99999 is above the maximum/),
        expect.stringMatching(/^MYSTICETI_NODE1_SSH_KEY: the value cannot be used\./),
        expect.stringMatching(/^MYSTICETI_NODE2_HOST: "a;reboot" cannot be used\./),
        expect.stringMatching(/^SSH_TIMEOUT in hosts\.env:7: "soon" is not a number\./),
      ],
    ],
    [
      "one machine with two users and two keys",
      {
        file: four(
          "MYSTICETI_NODE3_HOST=10.0.1.0\nMYSTICETI_NODE0_SSH_USER=a\nMYSTICETI_NODE3_SSH_USER=b\nMYSTICETI_NODE0_SSH_KEY=secret1\nMYSTICETI_NODE3_SSH_KEY=secret2",
        ),
      },
      [
        "MYSTICETI_NODE3_HOST in hosts.env:5: 10.0.1.0 port 22 stands at MYSTICETI_NODE0_HOST in hosts.env:1 too, with other users, keys. Give both the same where they are one machine, else each its own address.",
      ],
    ],
    [
      "one address with two SSH ports",
      { file: four("MYSTICETI_NODE3_HOST=10.0.1.0\nMYSTICETI_NODE3_SSH_PORT=2222") },
      [
        "MYSTICETI_NODE3_HOST in hosts.env:5: 10.0.1.0 stands at MYSTICETI_NODE0_HOST in hosts.env:1 too, with SSH port 2222 instead of 22, so that the ports of their nodes would clash. Give both the same SSH port where they are one machine, else each a private address of its own.",
      ],
    ],
    [
      "two machines with one private address",
      { file: four("MYSTICETI_NODE2_PRIVATE_HOST=10.9.9.9\nMYSTICETI_NODE3_PRIVATE_HOST=10.9.9.9") },
      [
        "MYSTICETI_NODE3_HOST in hosts.env:4: validators would reach it at the address of MYSTICETI_NODE2_HOST in hosts.env:3. Give each host a private address of its own.",
      ],
    ],
    [
      "hosts in YAML and in the environment",
      {
        yaml: yamlHosts("address: a, nodes: 4"),
        env: { MYSTICETI_NODE0_HOST: "a", MYSTICETI_NODE1_HOST: "b" },
      },
      [
        "hosts.yaml and the environment (MYSTICETI_NODE0_HOST and others) both describe hosts. Unset the variables, or leave the file out.",
      ],
    ],
    [
      "YAML with faults of all kinds",
      {
        yaml: "known_host: x\nhosts:\n  - {adress: a, nodes: 2}\n  - {address: 10.0.1.1, port: ssh, nodes: 0, user: null}\n  - 10.0.1.2\n  - {address: b, nodes: 4}\n",
      },
      [
        "known_host in hosts.yaml: no such key. Did you mean known_hosts?",
        "hosts[0].adress in hosts.yaml: no such key. Did you mean address?",
        'hosts[0] in hosts.yaml: it has no address. Give one, such as "address: 10.0.1.10".',
        'hosts[2] in hosts.yaml: it has no address. Give one, such as "address: 10.0.1.10".',
        expect.stringMatching(/^hosts\[1\]\.nodes in hosts\.yaml: 0 cannot be used\. Give how many/),
        expect.stringMatching(/^hosts\[1\]\.port in hosts\.yaml: "ssh" is not a number/),
      ],
    ],
    [
      "a node and a name given to two hosts",
      {
        yaml: yamlHosts(
          "address: a, name: x, nodes: [0, 1]",
          "address: b, name: x, nodes: [1, 2]",
          "address: c",
        ),
      },
      [
        "hosts[1] in hosts.yaml: its name x is that of hosts[0] in hosts.yaml too. Give each host one of its own.",
        "hosts[1] in hosts.yaml: node 1 stands at hosts[0] in hosts.yaml too. Give it to one of them.",
      ],
    ],
    [
      "YAML that is no list of hosts",
      { yaml: "- a" },
      ['hosts.yaml: no list of hosts. Give "hosts:" with a line such as "- address: 10.0.1.10" for each.'],
    ],
    [
      "broken YAML",
      { yaml: "hosts: [" },
      [expect.stringMatching(/^hosts\.yaml: .*line 1.*Give a readable YAML file\.$/)],
    ],
  ])("%s", (_, described, faults) => {
    expect(check(described).faults).toEqual(faults);
  });

  test("camel case in YAML, and what stands beside the hosts", () => {
    const yaml = `knownHosts: /kh\nsshTimeout: 9\n${yamlHosts("address: a, privateAddress: 10.0.0.1, key: ~/k, user: 1000, nodes: 4")}`;
    expect(check({ yaml })).toMatchObject({
      faults: [],
      remote: { knownHostsFile: "/kh", sshTimeoutSecs: 9 },
      hosts: [{ privateAddress: "10.0.0.1", keyFile: "/home/me/k", user: "1000", nodes: [0, 1, 2, 3] }],
    });
  });

  test("what only a local network has, and a registry for an image that is in none", () => {
    const values = { runtime: "process", dockerComposePath: "./c.yml", pull: true };
    expect(check({ file: four() }, values).faults).toEqual([
      "runtime: remote nodes run as containers. Leave it out, or give --network-type local.",
      "dockerComposePath: remote nodes come from no compose file. Leave it out, or give --network-type local.",
      "pull: the image that is made here is in no registry. Name one with --image, or leave it out.",
    ]);
  });

  test("no value but addresses, ports and users is ever told", () => {
    const secret = "s3cr\net";
    const env = Object.fromEntries(
      ["SSH_KEY", "REGION"].flatMap((key) => [0, 1].map((n) => [`MYSTICETI_NODE${n}_${key}`, secret])),
    );
    const { faults } = check({ env, file: `${four()}A="s3cret\nMYSTICETI_NODE0_X=s3cret` });
    expect(faults.length).toBeGreaterThan(5);
    expect(faults.join("\n")).not.toContain("s3cr");
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
    expect([local.faults, remote.faults]).toEqual([[], []]);
    expect(local.parameters).toMatchObject({ networkType: "local", loadsTps });
    expect(remote.parameters).toMatchObject({ networkType: "remote", loadsTps });
  });

  test("each has its own committee, time-out and runtime", () => {
    const values = { localCommittee: 7, committee: 4, runtime: "process" };
    const { local, remote } = both(values);
    expect(local.parameters).toMatchObject({
      committee: 7,
      runtime: "process",
      protocolOptions: { leaderTimeoutMs: 250 },
    });
    expect(local.parameters.remote).toBeUndefined();
    expect(remote.parameters).toMatchObject({
      committee: 4,
      runtime: "docker",
      protocolOptions: { leaderTimeoutMs: 1000 },
    });
    expect(remote.parameters.remote?.hosts).toHaveLength(4);
    expect([...local.faults, ...remote.faults]).toEqual([]);
  });

  test("a fault of either is told", () => {
    expect(both({ remoteCommittee: 5 }).remote.faults).toMatchObject([{ code: "too-few-hosts" }]);
    expect(both({ loads: "x" }).local.faults).toMatchObject([{ message: expect.stringContaining('"x"') }]);
  });
});

test("checkRemoteNetwork: 1,000 transactions at 100 tx/s on hosts, without files", () => {
  const given: GivenParameters = givenFrom({ sshTimeout: 3 });
  const { parameters, faults } = checkRemoteNetwork(given, protocol, sourcesOf({ file: four() }));
  expect(faults).toEqual([]);
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
    const { remote, faults } = checkRemote({}, sourcesOf({ file }));
    expect(faults).toEqual([]);
    expect(remote.hosts.map(({ name, nodes }) => [name, nodes])).toEqual([
      ["host2", [2, 9]],
      ["host7", [7]],
    ]);
  });

  test.each<[string, Described, string[]]>([
    ["no host", {}, [expect.stringMatching(/^No host is given\./)]],
    [
      "a node without a host",
      { env: { MYSTICETI_NODE0_HOST: "a", MYSTICETI_NODE1_SSH_USER: "x" } },
      ["MYSTICETI_NODE1_SSH_USER: that node has no host. Set MYSTICETI_NODE1_HOST too, or leave this out."],
    ],
  ])("refuses %s", (_, described, messages) => {
    expect(checkRemote({}, sourcesOf(described)).faults.map(({ message }) => message)).toEqual(messages);
  });
});
