/** A network under test whose hosts are on hosts over SSH: two on one, the third on another. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  expectAsBefore,
  look,
  openRemoteSetting,
  patienceMs,
  type RemoteSetting,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

const babeld = "/usr/sbin/babeld";
const whyNot = whyNoTestHosts ?? (existsSync(babeld) ? undefined : `there is no ${babeld}`);

const scenario = `
name: scenario
flows:
  - { name: talk, from: node0, to: node1, rate: 50/s, reflect: true }
networks: { babel: babel, static: static }
`;
/** Each pair has a shape of its own, although two hosts are on one machine. */
const links = `
default: { delay: 5ms }
node-pairs:
  - { from: node0, to: node2, delay: 15ms }
  - { from: node2, to: node1, delay: 25ms }
`;

/** Where packets between nodes come in. */
const port = 26_800;

describe.skipIf(whyNot !== undefined)(`a network under test on hosts ${whyNot ?? ""}`, () => {
  let hosts: SharedHosts;
  let before: readonly string[][];
  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    before = await Promise.all([0, 1].map((index) => look(hosts, index)));
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  /** Interfaces of a host itself, and UDP ports that are open there. */
  const network = (index: number) =>
    hosts.inside(index, "sh", "-c", `ip -o link show | cut -d: -f2; ss -Huln 'sport = :${port}'`);

  async function start(setting: RemoteSetting, how: string, timeline?: string) {
    const at = (name: string) => join(setting.home, name);
    await writeFile(at("scenario.yaml"), scenario);
    await writeFile(at("links.yaml"), links);
    const files = ["--protocol=./scenario.yaml", "--links=links.yaml"];
    if (timeline !== undefined) {
      await writeFile(at("timeline.yaml"), timeline);
      files.push("--timeline=timeline.yaml");
    }
    const option = `--protocol-option=network=${how}`;
    const lengths = ["--duration=20", "--warm-up=2", "--loads=10", "--committee=3", "--cleanup-thorough"];
    return setting.remote([...files, option, ...lengths], { longestMs: 2 * patienceMs });
  }

  async function measure(how: string, timeline: string) {
    await using setting = await openRemoteSetting(hosts);
    const { code, stdout, stderr } = await (await start(setting, how, timeline)).ended;
    // A machine that is busy is the verdict's to say.
    expect([0, 3], `${stdout}\n${stderr}`).toContain(code);
    const bundle = await setting.bundle();
    const result = JSON.parse(await readFile(join(bundle, "remote_native_1_10txs.json"), "utf8"));
    expect(result.verdict).toMatchObject({ status: expect.stringMatching(/^valid|generator-limited$/) });
    const { links: measured, failures = [] } = result.link_certificate;
    expect([measured, failures]).toEqual([6, []]);
    const verified = await setting.start("baleen", ["verify", bundle]).ended;
    expect([verified.code, verified.code === 0 ? "" : verified.stdout]).toEqual([0, ""]);
    await expectAsBefore(hosts, before);
    return result.results.flows;
  }

  test("babel hands over from the way between machines to the one across the third", {
    timeout: 3 * patienceMs,
  }, async () => {
    const bare = await Promise.all([0, 1].map(network));
    const cut = "- { at: 5s, set: { down: true }, links: { between: [node0, node1] } }\n";
    const { handovers, flows } = await measure("babel", cut);
    const handover = handovers.find(({ after = [] }: { after?: string[] }) => after.length === 3);
    expect(handover).toMatchObject({
      ...{ before: ["node0", "node1"], after: ["node0", "node2", "node1"], crossing_secs: 5 },
    });
    expect(flows[0].packets.received).toBeGreaterThan(400);
    expect(await Promise.all([0, 1].map(network))).toEqual(bare);
  });

  test("a host that starts again is reached as before", { timeout: 3 * patienceMs }, async () => {
    const { flows } = await measure("static", "- { at: 5s, for: 3s, crash: node1 }\n");
    const { sent, received } = flows[0].packets;
    // It is away for three seconds of twenty, and for as long as it takes to start.
    expect(received / sent).toBeGreaterThan(0.5);
    expect(received / sent).toBeLessThan(0.9);
  });

  test("Ctrl-C leaves nothing", { timeout: 2 * patienceMs }, async () => {
    const bare = await Promise.all([0, 1].map(network));
    await using setting = await openRemoteSetting(hosts);
    const command = await start(setting, "static");
    await command.says("measuring", patienceMs);
    expect(await network(0)).toContain(`:${port}`);
    command.child.kill("SIGINT");
    expect((await command.ended).code).toBe(130);
    await expectAsBefore(hosts, before);
    expect(await Promise.all([0, 1].map(network))).toEqual(bare);
  });

  test.each([
    {
      name: "a firewall drops",
      begin: `iptables -I INPUT -p udp --dport ${port} -j DROP`,
      end: `iptables -D INPUT -p udp --dport ${port} -j DROP`,
      why: /host0 → host1 \([\d.]+:26800, UDP\): no answer within 10 s/,
    },
    {
      name: "something else uses",
      begin: `ip link add taken type vxlan id 9 dstport ${port} && ip link set taken up`,
      end: "ip link del taken",
      why: /host0 → host1 \([\d.]+:26800, UDP\): the port cannot be used on host1 \(EADDRINUSE\)/,
    },
  ])("a port that $name is an error before any node starts", { timeout: 2 * patienceMs }, async (block) => {
    await using setting = await openRemoteSetting(hosts);
    await hosts.inside(1, "sh", "-c", block.begin);
    try {
      const { code, stderr } = await (await start(setting, "static")).ended;
      expect([code, stderr]).toEqual([1, expect.stringMatching(block.why)]);
      expect(stderr).not.toContain("starting 3 nodes");
      expect(stderr).toContain("Open the port");
    } finally {
      await hosts.inside(1, "sh", "-c", block.end);
    }
    await expectAsBefore(hosts, before);
  });
});
