import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalAddress, hostRules, imageName, nodeClaim } from "../../../src/options/rules/host.ts";
import type { Rule } from "../../../src/options/rules/rule.ts";

const read = <T>(rule: Rule<T>, value: unknown) => rule.read({ name: "x", value, rank: 0 });
const hostile = [
  "",
  " ",
  "a b",
  " a",
  "a\n",
  "a;reboot",
  "$(reboot)",
  "`reboot`",
  "a'b",
  'a"b',
  "a\tb",
  "a\0b",
  "\x1b[31mred",
  "a|b",
  "a&b",
  "-oProxyCommand=reboot",
  "a/b",
  "a\\b",
];

describe("addresses", () => {
  test.each([
    ["node1", "node1"],
    ["node-1.example.com", "node-1.example.com"],
    ["my_host", "my_host"],
    ["10.0.1.10", "10.0.1.10"],
    ["1.example", "1.example"],
    ["::1", "::1"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["[fe80::1%eth0]", "fe80::1%eth0"],
  ])("%s is one", (given, address) => {
    expect(read(hostRules.address, given)).toEqual({ value: address });
  });

  test.each([
    ...hostile,
    "10.0.0.300",
    "10.0.1",
    "2001:db8::g",
    "[10.0.0.1]",
    "[::1",
    "::1%",
    "::1%a;b",
    "host:22",
    "[::1]:22",
    "ubuntu@host",
    "a..b",
    "host.",
    "-host",
    "host-",
    "h".repeat(64),
    `${"abcdefghi.".repeat(26)}com`,
    "naïve",
    42.5,
    true,
    null,
    ["a"],
  ])("%j is none", (value) => {
    expect(read(hostRules.address, value)).toMatchObject({ diagnostics: [{ code: "invalid-value" }] });
  });

  test("a refusal is one line, says what is meant, and holds no control character", () => {
    for (const value of hostile) {
      const reading = read(hostRules.address, value);
      const message = "diagnostics" in reading ? reading.diagnostics[0]?.message : "";
      expect(message).toMatch(/^x: .* cannot be used\. Give a host name, or an IPv4 or IPv6 address /);
      expect(message).not.toMatch(/\p{Cc}/u);
    }
  });

  test("two spellings are the same", () => {
    expect(canonicalAddress("Node1.Example.COM")).toBe("node1.example.com");
    expect(canonicalAddress("2001:DB8:0:0::7")).toBe(canonicalAddress("2001:db8::7"));
    expect(canonicalAddress("FE80:0::1%eth0")).toBe("fe80::1%eth0");
  });

  test("what passes holds nothing that a shell or ssh would take for more than a word", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (value) => {
        const reading = read(hostRules.address, value);
        if ("value" in reading) expect(reading.value).toMatch(/^[\w:][\w.:%-]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what else is said of a host", () => {
  test.each<[string, Rule<unknown>, unknown]>([
    ["a user", hostRules.user, "ubuntu"],
    ["a user of a directory", hostRules.user, "jo.doe@corp.example"],
    ["a numeric user", hostRules.user, 1000],
    ["a jump host", hostRules.jump, "bastion"],
    ["a jump host with all", hostRules.jump, "jo@bastion.example.com:2222"],
    ["a jump host in brackets", hostRules.jump, "jo@[::1]:22"],
    ["a bare IPv6 jump host", hostRules.jump, "::1"],
    ["two jump hosts", hostRules.jump, "a,b@c:1"],
    ["no jump host", hostRules.jump, "none"],
    ["a key whose path has blanks and quotes", hostRules.keyFile, '/home/o\'neil/my "key"; $(x)'],
    ["a region", hostRules.region, "eu west, Zürich"],
    ["a name", hostRules.name, "eu-1.a_b"],
    ["an image", imageName, "registry.example.com:5000/team/node:1.2@sha256:0a"],
  ])("%s", (_, rule, value) => {
    expect(read(rule, value)).toEqual({ value: String(value) });
  });

  test.each([
    "",
    "a b",
    "a@",
    "@b",
    "a:0",
    "a:65536",
    "a,",
    ",a",
    "::1:22x",
    "a:b:22x",
    "ssh://a",
    "a;b",
    "$(a)",
  ])("%j is no jump host", (value) => {
    expect(read(hostRules.jump, value)).toHaveProperty("diagnostics");
  });

  test.each(hostile)("%j is no user, no name and no image", (value) => {
    expect(read(hostRules.user, value)).toHaveProperty("diagnostics");
    expect(read(hostRules.name, value)).toHaveProperty("diagnostics");
    // A slash has its place in an image's name.
    if (value !== "a/b") expect(read(imageName, value)).toHaveProperty("diagnostics");
  });

  test.each(["", "a\nb", "a\0b", "a\rb", true])("%j is no path of a key, and is not shown", (value) => {
    expect(read(hostRules.keyFile, value)).toEqual({
      diagnostics: [
        {
          code: "invalid-value",
          message: "x: the value cannot be used. Give the path of a private key, on one line.",
        },
      ],
    });
  });

  test.each([0, 65_536, "22x", "", 2.5])("%j is no port", (value) => {
    expect(read(hostRules.port, value)).toHaveProperty("diagnostics");
  });

  test.each([
    [1, { slots: 1 }],
    ["2", { slots: 2 }],
    [128, { slots: 128 }],
    [[0], { numbers: [0] }],
    [[3, 1], { numbers: [3, 1] }],
  ])("%j nodes", (value, claim) => {
    expect(read(nodeClaim, value)).toEqual({ value: claim });
  });

  test.each([0, 129, -1, 1.5, "x", "0", [], [0, 0], [128], ["1"], true])("%j are no nodes", (value) => {
    expect(read(nodeClaim, value)).toHaveProperty("diagnostics");
  });
});

describe("names", () => {
  test.each(["host0", "node-1.example", "Coordinators"])("%s is one", (name) => {
    expect(read(hostRules.name, name)).toEqual({ value: name });
  });

  test("this machine's own is none", () => {
    expect(read(hostRules.name, "coordinator")).toEqual({
      diagnostics: [
        {
          code: "invalid-value",
          message:
            'x: "coordinator" is the name of this machine in the results. Give another name, such as host0.',
        },
      ],
    });
  });
});
