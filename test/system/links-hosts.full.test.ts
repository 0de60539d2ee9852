/** Links between nodes on hosts: each host has a shaper, and the path between the hosts is subtracted. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network } from "../../src/contracts/deployment.ts";
import { unshaped } from "../../src/contracts/links/shape.ts";
import type { ShapingSecond } from "../../src/contracts/links/shaping.ts";
import { until } from "../../src/core/async.ts";
import { quantileOf } from "../../src/core/numbers/quantile.ts";
import { linksOf } from "../deploy/links/matrix.ts";
import { askNode } from "../deploy/real-engine.ts";
import { planTinyNodes } from "../deploy/tiny-plan.ts";
import { nodeOf } from "../support/small-network.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";
import { startTestHosts, type TestHosts, testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";
import { deployToTestHosts } from "../support/test-hosts-deployer.ts";

/** Nodes 0 and 2 are on one host, 1 and 3 on the other. */
const isWithin = (from: number, to: number) => from % 2 === to % 2;
const asked = (from: number, to: number) => (isWithin(from, to) ? 5 : 25);
const limits = { timeoutMs: 10_000, everyMs: 50 };

describe.skipIf(whyNoTestHosts !== undefined)(`links between hosts ${whyNoTestHosts ?? ""}`, () => {
  let hosts: TestHosts;
  let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
  const signal = AbortSignal.timeout(testHostsLimitMs);
  beforeAll(async () => {
    folder = await openTemporaryFolder();
    hosts = await startTestHosts({ count: 2, docker: true });
  }, testHostsLimitMs);
  afterAll(async () => {
    await hosts[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const nodes = [
    [0, 2],
    [1, 3],
  ];
  const deployerOf = (run: string) => deployToTestHosts(hosts, { run, folder: folder.path, nodes });
  const optionsOf = (run: string) => ({ run, cleanup: "thorough", emit: () => {}, signal }) as const;
  const left = async () =>
    Promise.all([0, 1].map((index) => hosts.inside(index, "docker", "ps", "-aq"))).then((ids) =>
      ids.join(""),
    );

  test("links that cannot be told apart must be alike", async () => {
    const deployer = deployerOf("links0");
    try {
      const links = linksOf(4, (from, to) => ({ delayMs: from === 0 && to === 3 ? 7 : asked(from, to) }));
      const found = await deployer.check({ ...planTinyNodes(4), links }, signal);
      expect(found.map(({ code }) => code)).toEqual(["links"]);
      expect(found[0]?.message).toMatch(/the links from \S+ to \S+ differ/);
    } finally {
      await deployer.close?.();
    }
  });

  test("are as late as was asked, follow nodes that start again, and leave nothing", async () => {
    const deployer = deployerOf("links1");
    const plan = {
      ...planTinyNodes(4),
      links: linksOf(4, (from, to) => ({ delayMs: asked(from, to) })),
    };
    let network: Network | undefined;
    try {
      expect(await deployer.check(plan, signal)).toEqual([]);
      network = await deployer.deploy(plan, optionsOf("links1"));
      const { links } = network;
      if (links === undefined) throw new Error("no links");
      const seconds: ShapingSecond[] = [];
      links.onSecond((second) => seconds.push(second));
      const failures: string[] = [];
      links.onFailure((why) => failures.push(why));
      const pairs = [
        { from: "node0", to: "node1" },
        { from: "node3", to: "node2" },
        { from: "node0", to: "node2" },
      ];
      const medians = async () => {
        const probed = await links.probe({ kind: "echo", pairs, packets: 100, perSecond: 100 }, signal);
        expect(probed.map(({ way }) => way)).toEqual(["round-trip", "round-trip", "one-way"]);
        return probed.map(({ delaysMs, received }) =>
          received === 0 ? Number.NaN : quantileOf(delaysMs, 0.5),
        );
      };
      const [first = 0, second = 0, within = 0] = await medians();
      expect(Math.abs(first - 50)).toBeLessThan(3);
      expect(Math.abs(second - 50)).toBeLessThan(3);
      expect(Math.abs(within - 5)).toBeLessThan(1.5);
      expect(links.bare).toHaveLength(8);
      const own = (await network.measureLinks?.(signal))?.pairs ?? [];
      expect(own).toHaveLength(2);
      // The hosts' own round trip is far below the 50 ms of their nodes.
      for (const { rttMs } of own) expect(rttMs).toBeLessThan(20);
      await askNode(network, "node0", "/name");
      const startMs = performance.now();
      expect(await askNode(network, "node0", "/peers")).toEqual(["node1", "node2", "node3"]);
      expect(performance.now() - startMs).toBeGreaterThan(95);
      await nodeOf(network, 1).kill();
      await nodeOf(network, 1).start();
      await askNode(network, "node1", "/name");
      expect(Math.abs(((await medians())[0] ?? 0) - 50)).toBeLessThan(3);
      const shape = { ...unshaped, delayMs: 100 };
      await links.set(
        ["node0", "node2"].flatMap((from) => ["node1", "node3"].map((to) => ({ from, to, shape }))),
        signal,
      );
      expect(Math.abs(((await medians())[0] ?? 0) - 125)).toBeLessThan(4);
      const hostsSeen = () => new Set(seconds.map(({ host }) => host)).size;
      await until(() => (hostsSeen() === 2 ? true : undefined), { ...limits, describe: () => "no reports" });
      expect(failures).toEqual([]);
      await hosts.inside(1, "docker", "kill", "baleen-links1-shaper");
      const why = await until(() => failures[0], { ...limits, describe: () => "not told" });
      expect(why).toMatch(/^The link shaper on \S+ has ended/);
      expect(await network.stop("thorough")).toBeUndefined();
      expect(await left()).toBe("");
    } finally {
      await network?.stop("thorough");
      await deployer.close?.();
    }
  });

  test("a path that is slower than what is asked is refused, and nothing is left", async () => {
    const deployer = deployerOf("links2");
    const plan = { ...planTinyNodes(4), links: linksOf(4, () => ({ delayMs: 3 })) };
    // Probes that leave the first host wait for a slow rate: this kernel delays nothing by itself.
    const tc = (words: string) => hosts.inside(0, "tc", ...words.split(" "));
    await tc("qdisc add dev eth0 root handle 1: htb default 2");
    await tc("class add dev eth0 parent 1: classid 1:2 htb rate 10gbit");
    await tc("class add dev eth0 parent 1: classid 1:1 htb rate 12kbit burst 100 cburst 100");
    await tc("filter add dev eth0 parent 1: protocol ip u32 match ip protocol 17 0xff flowid 1:1");
    try {
      await expect(deployer.deploy(plan, optionsOf("links2"))).rejects.toThrow(
        /farther apart than the links are to be.*node0 → node1: asked 3 ms, measured/,
      );
      expect(await left()).toBe("");
    } finally {
      await tc("qdisc del dev eth0 root");
      await deployer.close?.();
    }
  });
});
