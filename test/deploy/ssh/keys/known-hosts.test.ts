import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  findKnownHost,
  formatFingerprint,
  formatKnownHostLine,
  type HostKey,
  hasAuthority,
  judgeHostKey,
  parseKnownHosts,
} from "../../../../src/deploy/ssh/keys/known-hosts.ts";

function key(type: string, content = "a"): HostKey {
  const part = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return { type, blob: Buffer.concat([part(type), part(content)]) };
}

const line = (names: string, { type, blob }: HostKey) => `${names} ${type} ${blob.toString("base64")}`;
const ed25519 = key("ssh-ed25519");
const otherEd25519 = key("ssh-ed25519", "b");
const rsa = key("ssh-rsa");
const node1 = { host: "node1", port: 22 };

function judge(text: string, name = node1, shown = ed25519) {
  return judgeHostKey(parseKnownHosts(text, "known"), name, shown).state;
}

describe("a host is found by", () => {
  const salt = Buffer.from("01234567890123456789");
  const hashOf = (name: string) =>
    `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;

  test.each([
    ["its name", "node1", node1],
    ["its name in other letters", "NODE1", { host: "Node1", port: 22 }],
    ["one of several names", "other,node1,10.0.0.1", node1],
    ["a name with a port", "[node1]:2222", { host: "node1", port: 2222 }],
    ["an IPv6 address", "2001:db8::1", { host: "2001:db8::1", port: 22 }],
    ["an IPv6 address with a port", "[2001:db8::1]:2222", { host: "2001:db8::1", port: 2222 }],
    ["a pattern", "node?,*.example", node1],
    ["its hash", hashOf("node1"), node1],
    ["the hash of its name and port", hashOf("[node1]:2222"), { host: "node1", port: 2222 }],
    ["its name without the port, for the same key", "node1", { host: "node1", port: 2222 }],
  ])("%s", (_, names, name) => {
    expect(judge(line(names, ed25519), name)).toBe("known");
  });

  test.each([
    ["another name", "node11", node1],
    ["a name that a negation takes out", "!node1,node*", node1],
    ["a negation alone", "!node2", node1],
    ["another port", "[node1]:2222", node1],
    ["the hash of another name", hashOf("node2"), node1],
    ["a broken hash", "|1|x", node1],
    ["a pattern whose dot is no sign for any letter", "n.de1", node1],
  ])("not by %s", (_, names, name) => {
    expect(judge(line(names, ed25519), name)).toBe("unknown");
  });
});

test("another key of a host that is known is a changed one, and its lines are named", () => {
  const lines = parseKnownHosts(`# first\n\n${line("node1", otherEd25519)}\r\n`, "/home/u/known_hosts");
  const verdict = judgeHostKey(lines, node1, ed25519);
  expect(verdict).toMatchObject({ state: "changed", lines: [{ file: "/home/u/known_hosts", line: 3 }] });
});

test("a key of a type that the files do not know for the host is not taken for a known one", () => {
  const lines = parseKnownHosts(line("node1", rsa), "known");
  expect(judgeHostKey(lines, node1, ed25519).state).toBe("changed");
  expect(findKnownHost(lines, node1).map(({ key: { type } }) => type)).toEqual(["ssh-rsa"]);
});

test("another key for the plain name says nothing of another port", () => {
  expect(judge(line("node1", otherEd25519), { host: "node1", port: 2222 })).toBe("unknown");
});

test("one good line among outdated ones is enough", () => {
  expect(judge(`${line("node1", otherEd25519)}\n${line("node*", ed25519)}`)).toBe("known");
});

test("a revoked key is refused even where another line has it", () => {
  const text = `${line("node1", ed25519)}\n@revoked ${line("*", ed25519)}`;
  expect(judge(text)).toBe("revoked");
  expect(judge(text, node1, otherEd25519)).toBe("changed");
});

test("an authority's key is no host's key", () => {
  const text = `@cert-authority ${line("*.example", ed25519)}`;
  const name = { host: "a.example", port: 22 };
  expect(judge(text, name)).toBe("unknown");
  expect(hasAuthority(parseKnownHosts(text, "known"), name)).toBe(true);
  expect(hasAuthority(parseKnownHosts(text, "known"), node1)).toBe(false);
});

test("what is no line of a known host is passed over", () => {
  const broken = [
    "node1",
    "node1 ssh-ed25519",
    "node1 ssh-ed25519 !!!!",
    "@strange a b c",
    "node1 1024 35 123",
  ];
  const mismatched = `node1 ssh-rsa ${ed25519.blob.toString("base64")}`;
  expect(parseKnownHosts([...broken, mismatched, "# node1"].join("\n"), "known")).toEqual([]);
});

test("no text makes the parser fail", () => {
  const field = fc.constantFrom(
    "node1",
    "@revoked",
    "|1|",
    "ssh-rsa",
    "AAAA",
    "AAAAB3NzaC1yc2E=",
    "[",
    "*",
    ",",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(field).map((fields) => fields.join(" ")),
      ),
      (text) => {
        expect(["known", "unknown", "changed", "revoked"]).toContain(judge(text));
      },
    ),
  );
});

test("a line that is added is found again", () => {
  for (const name of [node1, { host: "Node1", port: 2222 }, { host: "::1", port: 22 }]) {
    expect(judge(formatKnownHostLine(name, ed25519), name)).toBe("known");
  }
});

test("the fingerprint is the one that ssh-keygen shows", () => {
  const github = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
  expect(formatFingerprint(Buffer.from(github, "base64"))).toBe(
    "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
  );
});
