import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSurvey } from "../../../../src/deploy/provision/survey/facts.ts";

const host = { name: "host1", description: "ubuntu@10.0.1.11:22" };

function parse(...lines: string[]) {
  const facts = parseSurvey(host, ["baleen-survey 1", ...lines, "end survey"].join("\n"));
  if (facts === undefined) throw new Error("not whole");
  return facts;
}

describe("the lines of a survey", () => {
  test.each([
    ["nothing", ""],
    ["a refusal", "This account is not available.\n"],
    ["one that was cut short", "baleen-survey 1\nuid 0\nsu"],
  ])("are not whole where there is %s", (_, text) => {
    expect(parseSurvey(host, text)).toBeUndefined();
  });

  test("begin after whatever a login shell has to say", () => {
    const text = "user me\nWelcome!\nbaleen-survey 1\nuser you\r\nend survey\n";
    expect(parseSurvey(host, text)?.user).toBe("you");
  });

  test("make facts whatever is in them", () => {
    const keys = ["os-release", "listener", "owner", "engine-info", "engine-way", "container", "memory"];
    const line = fc.tuple(fc.constantFrom(...keys), fc.string()).map(([key, value]) => `${key} ${value}`);
    fc.assert(fc.property(fc.array(line), (lines) => parse(...lines).host === "host1"));
  });
});

describe("facts", () => {
  test("are undefined where nothing was told, never guessed", () => {
    const { docker, host: _, description: __, ...facts } = parse();
    expect(facts).toEqual({ osIdLike: [], sudo: "missing", init: "none", packageTool: "none" });
    expect(docker).toEqual({ podman: false, snap: false });
  });

  test.each([
    ["x86_64", "amd64"],
    ["aarch64", "arm64"],
    ["armv7l", "arm"],
    ["i686", "386"],
    ["riscv64", "riscv64"],
  ])("call the machine %s %s, as Docker does", (machine, architecture) => {
    expect(parse(`machine ${machine}`).architecture).toBe(architecture);
  });

  test.each([
    [`PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"`, "Debian GNU/Linux 12 (bookworm)"],
    ["PRETTY_NAME='Alpine Linux v3.20'", "Alpine Linux v3.20"],
    ["PRETTY_NAME=Arch", "Arch"],
    [String.raw`PRETTY_NAME="a \"quoted\" \$name"`, `a "quoted" $name`],
  ])("take the name of the system from %s", (line, name) => {
    expect(parse(`os-release ${line}`).osName).toBe(name);
  });

  test.each([
    ["/dev/vda1 101134640 17254912 78700160 18% /", 78_700_160 * 1024],
    ["a file system with blanks 100 40 60 40% /mnt/big disk", 60 * 1024],
    ["none 0 0 0 - /tmp", 0],
  ])("read free space from %s", (line, freeBytes) => {
    const facts = parse("data-disk-path /var/lib/docker", `data-disk ${line}`);
    expect(facts.dataDisk).toEqual({ path: "/var/lib/docker", freeBytes });
  });

  test("read memory in bytes", () => {
    const facts = parse("memory MemTotal:       24684084 kB", "memory MemAvailable:   23184456 kB");
    expect([facts.memoryTotalBytes, facts.memoryAvailableBytes]).toEqual([25_276_502_016, 23_740_882_944]);
  });

  test.each([
    ["clock-synchronized yes", true],
    ["clock-synchronized no", false],
    ["chrony Leap status     : Normal", true],
    ["chrony Leap status     : Not synchronised", false],
    ["clock-synchronized ", undefined],
  ])("tell from %s whether the clock is kept right", (line, expected) => {
    expect(parse(line).clockSynchronized).toBe(expected);
  });

  test("see Podman behind the docker command, and an engine without root", () => {
    expect(
      parse("docker-client /usr/bin/docker", "docker-client-version podman version 4.3.1").docker,
    ).toMatchObject({ podman: true });
    const { engine } = parse(
      "engine-way user",
      "engine-socket /run/user/1000/docker.sock",
      "engine-version WARNING: something",
      'engine-version {"Version":"27.1.1","ApiVersion":"1.46"}',
      'engine-info {"SecurityOptions":["name=seccomp","name=rootless"]}',
    ).docker;
    expect(engine).toMatchObject({
      rootless: true,
      access: { kind: "socket", path: "/run/user/1000/docker.sock" },
    });
  });

  test("hold no engine where what it said cannot be read", () => {
    expect(parse("engine-way root", "engine-version {cut", "engine-info").docker.engine).toBeUndefined();
  });
});

test("a host's own addresses are those of its interfaces, and the one at which SSH came in", () => {
  const lines = ["address 127.0.0.1", "address 10.0.1.11", "address6 fe800000000000000042acfffe110002"];
  expect(parse(...lines, "address nonsense", "ssh-address 10.0.1.11")).toMatchObject({
    addresses: ["127.0.0.1", "10.0.1.11", "fe80:0000:0000:0000:0042:acff:fe11:0002"],
    sshAddress: "10.0.1.11",
  });
  expect(parse("ssh-address UNKNOWN", "address6 ")).toMatchObject({
    addresses: undefined,
    sshAddress: undefined,
  });
});

describe("listening ports", () => {
  const parsePorts = (...lines: string[]) => parse("ports-known yes", ...lines).listening;

  test.each([
    ["0100007F:65C1 1", 26_049],
    ["00000000:0016 2", 22],
    ["00000000000000000000000001000000:6821 4", 26_657],
  ])("are read from the kernel's %s", (listener, port) => {
    expect(parsePorts(`listener ${listener}`)).toEqual([{ port }]);
  });

  test("come with the process that was seen to hold them", () => {
    const listeners = ["listener 00000000:0016 11", "listener 00000000:6821 12"];
    expect(parsePorts(...listeners, "owner 11 812 sshd", "owner 11 900 sshd: a b")).toEqual([
      { port: 22, process: { pid: 812, name: "sshd" } },
      { port: 26_657 },
    ]);
  });
});
