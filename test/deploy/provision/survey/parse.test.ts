import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSurvey, parseSurveyLines } from "../../../../src/deploy/provision/survey/parse.ts";
import { parseListeners } from "../../../../src/deploy/provision/survey/ports.ts";

const host = { name: "host1", description: "ubuntu@10.0.1.11:22" };

function parse(...lines: string[]) {
  const sorted = parseSurveyLines(["baleen-survey 1", ...lines, "end survey"].join("\n"));
  if (sorted === undefined) throw new Error("not whole");
  return parseSurvey(host, sorted);
}

describe("the lines of a survey", () => {
  test.each([
    ["nothing", ""],
    ["a refusal", "This account is not available.\n"],
    ["one that was cut short", "baleen-survey 1\nuid 0\nsu"],
  ])("are not whole where there is %s", (_, text) => {
    expect(parseSurveyLines(text)).toBeUndefined();
  });

  test("begin after whatever a login shell has to say", () => {
    expect(parseSurveyLines("uid 7\nWelcome!\nbaleen-survey 1\nuid 0\nend survey\n")?.get("uid")).toEqual([
      "0",
    ]);
  });

  test("make facts whatever is in them", () => {
    const keys = [
      "os-release",
      "listener",
      "owner",
      "engine-info",
      "engine-way",
      "container",
      "network",
      "memory",
    ];
    const line = fc.tuple(fc.constantFrom(...keys), fc.string()).map(([key, value]) => `${key} ${value}`);
    fc.assert(fc.property(fc.array(line), (lines) => parse(...lines).host === "host1"));
  });
});

describe("facts", () => {
  test("are undefined where nothing was told, never guessed", () => {
    const { docker, host: _, description: __, ...facts } = parse();
    expect(facts).toEqual({ osIdLike: [], sudo: "missing", init: "none", packageTool: "none" });
    expect(docker).toEqual({ podman: false, snap: false, userInGroup: false });
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
    ["nanoseconds", "1795283488119413045", 1_795_283_488_119.413],
    ["seconds, from a date that leaves %N as it is", "1795283489%N", 1_795_283_489_000],
    ["seconds, from a date that drops it", "1795283489", 1_795_283_489_000],
    ["nothing that it knows", "today", undefined],
  ])("read the clock from %s", (_, text, wallMs) => {
    expect(parse(`time ${text}`).wallMs).toBe(wallMs);
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

  test("hold the networks of both families", () => {
    const facts = parse(
      String.raw`network 4: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\       valid_lft forever`,
      String.raw`network 4: eth0    inet6 fd00::2/64 scope global nodad \       valid_lft forever`,
      "networks-known yes",
    );
    expect(facts.networks).toEqual([
      { interface: "eth0", cidr: "192.0.2.2/24" },
      { interface: "eth0", cidr: "fd00::2/64" },
    ]);
  });

  test("see Podman behind the docker command, and an engine without root", () => {
    expect(
      parse("docker-client /usr/bin/docker", "docker-client-version podman version 4.3.1").docker,
    ).toMatchObject({
      podman: true,
      clientVersion: "4.3.1",
    });
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

describe("listening ports", () => {
  test.each([
    ["0100007F:65C1 1", "127.0.0.1", 26_049],
    ["00000000:0016 2", "0.0.0.0", 22],
    ["00000000000000000000000000000000:0016 3", "::", 22],
    ["00000000000000000000000001000000:6821 4", "::1", 26_657],
    ["B80D01200000000067452301EFCDAB89:0050 5", "2001:db8::123:4567:89ab:cdef", 80],
  ])("are read from the kernel's %s", (listener, address, port) => {
    expect(parseListeners([listener], [])).toEqual([{ address, port }]);
  });

  test("come with the process that was seen to hold them", () => {
    const listeners = ["00000000:0016 11", "00000000:6821 12"];
    expect(parseListeners(listeners, ["11 812 sshd", "11 900 sshd: a b"])).toEqual([
      { address: "0.0.0.0", port: 22, process: { pid: 812, name: "sshd" } },
      { address: "0.0.0.0", port: 26_657 },
    ]);
  });
});
