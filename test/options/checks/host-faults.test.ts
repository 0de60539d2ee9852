import { describe, expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { checkRemote } from "../../../src/options/checks/remote.ts";
import { check, type Described, four, protocol, sourcesOf, yamlHosts } from "../described-hosts.ts";

describe("what is wrong with hosts", () => {
  const tooFew = (rest: string) => `A committee of 4 needs ${rest}`;
  test.each<[string, Described, string[]]>([
    [
      "none at all",
      {},
      [
        tooFew(
          "hosts, and there are none. Name them in a file (--hosts FILE; hosts.example.env shows every key), or set MYSTICETI_NODE0_HOST to MYSTICETI_NODE3_HOST.",
        ),
      ],
    ],
    [
      "too few",
      { file: "MYSTICETI_NODE0_HOST=a\nMYSTICETI_NODE2_HOST=c\nMYSTICETI_NODE3_SSH_USER=x" },
      [
        tooFew(
          "a place for each node, and nodes 1, 3 have none. Set MYSTICETI_NODE1_HOST and MYSTICETI_NODE3_HOST (a host may run several nodes), or use a smaller --committee.",
        ),
      ],
    ],
    [
      "too few slots",
      { yaml: yamlHosts("address: a, nodes: 2", "address: b") },
      [
        tooFew(
          "a place for each node, and node 3 has none. Add hosts, assign more nodes to a host (nodes: 2), or use a smaller --committee.",
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
        "hosts.env:6: not of the form NAME=value. Correct the line, or put # before it.",
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
        "MYSTICETI_NODE3_HOST in hosts.env:5: 10.0.1.0 port 22 is also at MYSTICETI_NODE0_HOST in hosts.env:1, with different users, keys. If they are one machine, use the same values; otherwise different addresses.",
      ],
    ],
    [
      "one address with two SSH ports",
      { file: four("MYSTICETI_NODE3_HOST=10.0.1.0\nMYSTICETI_NODE3_SSH_PORT=2222") },
      [
        "MYSTICETI_NODE3_HOST in hosts.env:5: 10.0.1.0 is also at MYSTICETI_NODE0_HOST in hosts.env:1, with SSH port 2222 instead of 22, so the ports of their nodes would clash. If they are one machine, use the same SSH port; otherwise different private addresses.",
      ],
    ],
    [
      "two machines with one private address",
      { file: four("MYSTICETI_NODE2_PRIVATE_HOST=10.9.9.9\nMYSTICETI_NODE3_PRIVATE_HOST=10.9.9.9") },
      [
        "MYSTICETI_NODE3_HOST in hosts.env:4: validators would reach it at the address of MYSTICETI_NODE2_HOST in hosts.env:3. Use a different private address for each host.",
      ],
    ],
    [
      "hosts in YAML and in the environment",
      {
        yaml: yamlHosts("address: a, nodes: 4"),
        env: { MYSTICETI_NODE0_HOST: "a", MYSTICETI_NODE1_HOST: "b" },
      },
      [
        "hosts.yaml and the environment (MYSTICETI_NODE0_HOST and others) both describe hosts. Unset the variables, or remove the file.",
      ],
    ],
    [
      "YAML with faults of all kinds",
      {
        yaml: "known_host: x\nhosts:\n  - {adress: a, nodes: 2}\n  - {address: 10.0.1.1, port: ssh, nodes: 0, user: null}\n  - 10.0.1.2\n  - {address: b, nodes: 4}\n",
      },
      [
        "known_host in hosts.yaml:1: no such key. Did you mean known_hosts?",
        "hosts[0].adress in hosts.yaml:3: no such key. Did you mean address?",
        'hosts[0] in hosts.yaml:3: it has no address. Add one, such as "address: 10.0.1.10".',
        'hosts[2] in hosts.yaml:5: it has no address. Add one, such as "address: 10.0.1.10".',
        expect.stringMatching(
          /^hosts\[1\]\.nodes in hosts\.yaml:4: 0 cannot be used\. Give the number of nodes/,
        ),
        expect.stringMatching(/^hosts\[1\]\.port in hosts\.yaml:4: "ssh" is not a number/),
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
        "hosts[1] in hosts.yaml:3: its name x is also the name of hosts[0] in hosts.yaml:2. Use different names.",
        "hosts[1] in hosts.yaml:3: node 1 is also at hosts[0] in hosts.yaml:2. Assign it to one host.",
      ],
    ],
    [
      "YAML that is no list of hosts",
      { yaml: "- a" },
      [
        'hosts.yaml:1: not a list of hosts. Write "hosts:" with a line such as "- address: 10.0.1.10" for each.',
      ],
    ],
    [
      "broken YAML",
      { yaml: "hosts: [" },
      [expect.stringMatching(/^hosts\.yaml:1: .*Use a readable YAML file\.$/)],
    ],
  ])("%s", (_, described, diagnostics) => {
    expect(check(described).diagnostics).toEqual(diagnostics);
  });

  test.each([
    "MYSTICETI_NODE1_HOST=a;b",
    "MYSTICETI_NODE1_SSH_USER=-x",
    "MYSTICETI_NODE1_SSH_JUMP=a b",
    "no assignment",
  ])("with %s none is connected to: a default might be somebody else's machine", (line) => {
    const { diagnostics, remote } = check({ file: four(`${line}\n`) });
    expect(diagnostics).toHaveLength(1);
    expect(remote?.hosts).toEqual([]);
  });

  test("a file that could not be read is not told a second time", () => {
    const unread = { environment: {}, home: "", file: { path: "hosts.env", text: undefined } };
    const given = givenFrom({ networkType: "remote" });
    expect(checkParameters(given, protocol, unread).diagnostics).toEqual([]);
    expect(checkRemote({}, unread).diagnostics).toEqual([]);
  });

  test("camel case in YAML, and what stands beside the hosts", () => {
    const yaml = `knownHosts: /kh\nsshTimeout: 9\n${yamlHosts("address: a, privateAddress: 10.0.0.1, key: ~/k, user: 1000, nodes: 4")}`;
    expect(check({ yaml })).toMatchObject({
      diagnostics: [],
      remote: { knownHostsFile: "/kh", sshTimeoutSecs: 9 },
      hosts: [{ privateAddress: "10.0.0.1", keyFile: "/home/me/k", user: "1000", nodes: [0, 1, 2, 3] }],
    });
  });

  test("what only a local network has, and a registry for an image that is in none", () => {
    const values = { runtime: "process", dockerComposePath: "./c.yml", rpcBasePort: 30_000, pull: true };
    expect(check({ file: four() }, values).diagnostics).toEqual([
      "runtime: remote nodes run as containers. Remove it, or use --network-type local.",
      "dockerComposePath: remote nodes do not use a compose file. Remove it, or use --network-type local.",
      "rpcBasePort: remote nodes use fixed ports. Remove it, or use --network-type local.",
      "pull: the image that Baleen builds is in no registry. Name an image with --image, or remove it.",
    ]);
  });

  test("of what only a local network has, the environment is let be", () => {
    const given = {
      ...givenFrom({ networkType: "remote" }),
      runtime: { name: "BALEEN_RUNTIME", value: "process", rank: 1 },
      dockerComposePath: { name: "BALEEN_DOCKER_COMPOSE_PATH", value: "./c.yml", rank: 1 },
      metricsBasePort: { name: "BALEEN_METRICS_BASE_PORT", value: 30_100, rank: 1 },
    };
    const { parameters, diagnostics } = checkParameters(given, protocol, sourcesOf({ file: four() }));
    expect(diagnostics).toEqual([]);
    expect(parameters).toMatchObject({ runtime: "docker", dockerComposePath: undefined });
  });

  test("no value but addresses, ports and users is ever told", () => {
    const secret = "s3cr\net";
    const env = Object.fromEntries(
      ["SSH_KEY", "REGION"].flatMap((key) => [0, 1].map((n) => [`MYSTICETI_NODE${n}_${key}`, secret])),
    );
    const { diagnostics } = check({ env, file: `${four()}A="s3cret\nMYSTICETI_NODE0_X=s3cret` });
    expect(diagnostics.length).toBeGreaterThan(5);
    expect(diagnostics.join("\n")).not.toContain("s3cr");
  });
});
