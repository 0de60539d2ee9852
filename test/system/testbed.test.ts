import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { startTestHosts, type TestHosts, testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";

/** What a server says as soon as it is connected to. */
function listenTo(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(5000, () => socket.destroy(new Error("it said nothing for 5 s")));
    socket.once("error", reject);
    let said = "";
    socket.on("data", (chunk) => {
      said += chunk.toString();
      if (said.includes("\n")) socket.end(() => resolve(said.trim()));
    });
    socket.once("end", () => resolve(said.trim()));
  });
}

/** The same, asked by a shell on a host. */
const listenFrom = (host: string, port: number) =>
  `read -r -t 5 line < /dev/tcp/${host}/${port}; echo "$line"`;

describe.skipIf(whyNoTestHosts !== undefined)(
  `hosts with sshd and sudo alone ${whyNoTestHosts ?? ""}`,
  () => {
    let hosts: TestHosts;
    beforeAll(async () => {
      hosts = await startTestHosts({ count: 2, docker: false });
    }, testHostsLimitMs);
    afterAll(() => hosts[Symbol.asyncDispose]());

    test("the ssh command enters with the key and the host keys that were written down", async () => {
      expect(await hosts.ssh(0, "id -un; hostname")).toBe(`ubuntu\n${hosts.hosts[0]?.name}`);
      expect(await hosts.ssh(1, "hostname")).toBe(hosts.hosts[1]?.name);
      expect(new Set(hosts.hosts.map(({ hostKey }) => hostKey)).size).toBe(2);
    });

    test("sudo asks for no password, and there is no engine", async () => {
      expect(await hosts.ssh(0, "sudo -n id -u; command -v docker dockerd || echo none")).toBe("0\nnone");
    });

    test("one host reaches the other at its private address", async () => {
      const { privateAddress = "" } = hosts.hosts[1] ?? {};
      expect(await hosts.ssh(0, `bash -c '${listenFrom(privateAddress, 22)}'`)).toMatch(/^SSH-2\.0-/);
    });

    test("its sshd comes back when it has ended", async () => {
      const pid = await hosts.inside(0, "cat", "/run/sshd.pid");
      await hosts.inside(0, "kill", pid);
      const entered = () => hosts.ssh(0, "cat /run/sshd.pid").catch(() => undefined);
      const again = await until(entered, { timeoutMs: 60_000, everyMs: 200, describe: () => "no sshd" });
      expect(again).not.toBe(pid);
    });
  },
);

describe.skipIf(whyNoTestHosts !== undefined)(`hosts with an engine ${whyNoTestHosts ?? ""}`, () => {
  let hosts: TestHosts;
  beforeAll(async () => {
    hosts = await startTestHosts({ count: 2, docker: true });
  }, testHostsLimitMs);
  afterAll(() => hosts[Symbol.asyncDispose]());

  const port = 26_657;
  /** Without an image from elsewhere: an empty one, and the host's own programs in it. */
  const serve = (text: string) => `set -e
    tar -c -T /dev/null | docker import - empty >/dev/null
    folders=$(for folder in /usr /bin /lib /lib64; do [ -e $folder ] && echo "-v $folder:$folder:ro"; done)
    docker run -d $folders -p ${port}:${port} --memory 64m empty perl -MIO::Socket::INET -e '
      my $server = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5, ReuseAddr => 1) or die;
      while (my $client = $server->accept) { print $client "${text}\n"; close $client }'`;

  test("containers run in it, and their published ports are reached from here and from the other host", async () => {
    for (const index of [0, 1]) await hosts.ssh(index, serve(`from host ${index}`));
    for (const [index, { address }] of hosts.hosts.entries()) {
      const hear = () => listenTo(address, port).catch(() => undefined);
      const said = async () => (await hear()) || undefined;
      const heard = await until(said, { timeoutMs: 60_000, everyMs: 200, describe: () => "nobody answers" });
      expect(heard).toBe(`from host ${index}`);
    }
    const { privateAddress = "" } = hosts.hosts[1] ?? {};
    expect(await hosts.ssh(0, `bash -c '${listenFrom(privateAddress, port)}'`)).toBe("from host 1");
  });
});
