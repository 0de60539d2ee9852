import { getuid } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LinkShape, unshaped } from "../../src/contracts/links/shape.ts";
import type { OpenCommand, ShaperPlace } from "../../src/contracts/links/shaper.ts";
import { findOnPath } from "../../src/core/process/find-program.ts";
import { addressOf, median, ShapedNodes, startShaper } from "../shaper/shaped-nodes.ts";
import { someOf } from "../support/some-of.ts";

const whyNot =
  getuid?.() !== 0
    ? "(skipped: needs root)"
    : ["ip", "iptables"].some((name) => findOnPath(name, process.env.PATH) === undefined)
      ? "(skipped: needs ip and iptables)"
      : undefined;

const nodes = new ShapedNodes(["a", "b", "client"]);
const link = (from: string, to: string, shape: Partial<LinkShape>) => ({ from, to, ...unshaped, ...shape });
const pair = { from: "a", to: "b" };
const places: readonly ShaperPlace[] = ["a", "b"].map((name, at) => ({
  name,
  addresses: [addressOf(at)],
  namespacePath: nodes.namespacePath(name),
  probePort: 9999,
}));
const clientAddress = addressOf(2);

const open = (more: Partial<OpenCommand> = {}) =>
  startShaper({ mechanism: "nfqueue", places, links: [], exemptPorts: [], bareEchoes: 0, ...more });
const openAb = (shape: Partial<LinkShape>, more: Partial<OpenCommand> = {}) =>
  open({ links: [link("a", "b", shape)], ...more });
const echo = { type: "echo", pairs: [pair], packets: 100, perSecond: 200 } as const;

describe.skipIf(whyNot !== undefined)(`the link shaper ${whyNot ?? ""}`, () => {
  beforeAll(() => nodes.create());
  afterAll(() => nodes.remove());

  test("delays packets by what was asked, the bare path included", async () => {
    await using shaper = await openAb({ delayMs: 40 }, { bareEchoes: 50 });
    const [bare] = shaper.ready.bare;
    expect(bare).toMatchObject({ ...pair, way: "one-way", sent: 50, received: 50 });
    expect(median(bare?.delaysMs ?? [])).toBeLessThan(5);
    const { probed } = await shaper.ask({ ...echo, pairs: [pair, { from: "b", to: "a" }] });
    const [there, back] = probed.map(({ delaysMs }) => median(delaysMs));
    // A shared machine may receive late; the median of many is not.
    expect(Math.abs((there ?? 0) - 40)).toBeLessThan(2);
    expect(back).toBeLessThan(5);
    const [alone] = (await sendAll("a", "b")).sort((one, other) => one - other);
    expect(alone).toBeGreaterThan(38);
  });

  const sendAll = (from: string, to: string, address?: string) =>
    nodes.send({ from, to, address, count: 60, perSecond: 200 });

  test("loses its share of packets, and counts them", async () => {
    await using shaper = await openAb({ loss: { kind: "independent", lossRatio: 0.1 } });
    const [probed] = (await shaper.ask({ ...echo, packets: 2000, perSecond: 4000 })).probed;
    const received = probed?.received ?? 0;
    // Five standard deviations: the seed is fixed.
    expect(received).toBeGreaterThan(1733);
    expect(received).toBeLessThan(1867);
    shaper.send({ type: "stop" });
    let [packets, lost, dropped] = [0, 0, 0];
    for (const second of await shaper.seconds()) {
      for (const target of second.targets) {
        packets += target.packets;
        lost += target.lost;
        dropped += target.queueDropped + target.userDropped;
      }
    }
    expect({ packets, lost, dropped }).toEqual({ packets: 2000, lost: 2000 - received, dropped: 0 });
  });

  test("holds a TCP stream to the rate, and names its congestion control", async () => {
    await using shaper = await openAb({ delayMs: 2, rateBps: 20e6, queue: { kind: "time", ms: 100 } });
    const [probed] = (await shaper.ask({ type: "goodput", pairs: [pair], warmUpMs: 500, measureMs: 2000 }))
      .probed;
    expect((probed?.goodputBps ?? 0) / 20e6).toBeGreaterThan(0.85);
    expect((probed?.goodputBps ?? 0) / 20e6).toBeLessThan(1.02);
    expect(probed?.congestionControl).toMatch(/^[a-z]/);
  });

  test("changes links at one moment, and refuses what makes no sense", async () => {
    await using shaper = await openAb({});
    const wrong = await shaper.ask({ type: "set", links: [link("a", "c", {})] }, "refused");
    expect(wrong.reason).toContain("There is no node c.");
    const down = [link("a", "b", { down: true }), link("b", "a", { down: true })];
    await shaper.ask({ type: "set", links: down });
    const pairs = [pair, { from: "b", to: "a" }];
    const cut = await shaper.ask({ ...echo, packets: 20, pairs });
    expect(cut.probed.map(({ sent, received }) => [sent, received])).toEqual([
      [20, 0],
      [20, 0],
    ]);
    await shaper.ask({ type: "set", links: [link("a", "b", {})] });
    const healed = await shaper.ask({ ...echo, packets: 20, pairs });
    expect(healed.probed.map(({ received }) => received)).toEqual([20, 0]);
  });

  test("follows a node that starts again elsewhere, and forgets where it was", async () => {
    await using shaper = await openAb({ delayMs: 30 });
    const moved = {
      ...places[0],
      name: "a",
      namespacePath: nodes.namespacePath("client"),
      addresses: [clientAddress],
    };
    await shaper.ask({ type: "attach", places: [moved] });
    const [probed] = (await shaper.ask(echo)).probed;
    expect(median(probed?.delaysMs ?? [])).toBeGreaterThan(29);
    expect(nodes.rules("a")).not.toContain("BALEEN");
    expect(median(await sendAll("a", "b", addressOf(1)))).toBeLessThan(10);
    // The same once more: it has the namespace already.
    await shaper.ask({ type: "attach", places: [moved] });
    expect(median((await shaper.ask(echo)).probed[0]?.delaysMs ?? [])).toBeGreaterThan(29);
  });

  test("probes nodes of another machine, both ways together", { tags: "full" }, async () => {
    const [a, b] = places as [ShaperPlace, ShaperPlace];
    const elsewhere = (place: ShaperPlace) => ({
      name: place.name,
      addresses: place.addresses,
      probeAddress: { host: place.addresses[0] ?? "", port: 9999 },
    });
    const links = [
      link("a", "b", { delayMs: 30, rateBps: 20e6, queue: { kind: "time", ms: 100 } }),
      link("b", "a", { delayMs: 10 }),
    ];
    await using here = await open({ places: [a, elsewhere(b)], links });
    await using _there = await open({ places: [elsewhere(a), b], links });
    const [probed] = (await here.ask(echo)).probed;
    expect(probed).toMatchObject({ ...pair, way: "round-trip", sent: 100, received: 100 });
    expect(Math.abs(median(probed?.delaysMs ?? []) - 40)).toBeLessThan(4);
    const [flow] = (await here.ask({ type: "goodput", pairs: [pair], warmUpMs: 500, measureMs: 1500 }))
      .probed;
    expect((flow?.goodputBps ?? 0) / 20e6).toBeGreaterThan(0.8);
    expect((flow?.goodputBps ?? 0) / 20e6).toBeLessThan(1.02);
    const wrong = await here.ask({ ...echo, pairs: [{ from: "b", to: "a" }] }, "refused");
    expect(wrong.reason).toContain("Node b is not on this machine.");
  });

  test("shapes what goes between nodes and others, either way, but loopback and exempt ports", async () => {
    const others = { ...unshaped, delayMs: 30 };
    await using _shaper = await openAb({ delayMs: 60 }, { others, exemptPorts: [9001] });
    expect(median(await sendAll("client", "b"))).toBeGreaterThan(29);
    expect(median(await sendAll("client", "b"))).toBeLessThan(45);
    expect(median(await sendAll("b", "client"))).toBeGreaterThan(29);
    const between = median(await sendAll("a", "b"));
    expect(between).toBeGreaterThan(59);
    expect(between).toBeLessThan(75);
    expect(median(await sendAll("b", "b", "127.0.0.1"))).toBeLessThan(10);
    expect(median(await sendAll("b", "b"))).toBeLessThan(10);
    expect(await nodes.connectMs("client", "b", 9001)).toBeLessThan(25);
    expect(await nodes.connectMs("client", "b", 9002)).toBeGreaterThan(59);
  });

  someOf([["stop"], ["end of input"], ["SIGTERM"]], 1)("nothing of it stays after %s", async (how) => {
    await using shaper = await openAb({ delayMs: 5 }, { others: unshaped });
    expect(nodes.rules("b")).toContain("BALEEN-SHAPER");
    if (how === "stop") shaper.send({ type: "stop" });
    else if (how === "SIGTERM") shaper.child.kill("SIGTERM");
    else shaper.child.stdin.end();
    expect(await shaper.exitCode()).toBe(0);
    expect(nodes.rules("a")).toBe(nodes.rules("client"));
    expect(nodes.rules("b")).toBe(nodes.rules("client"));
    expect(await sendAll("a", "b")).toHaveLength(60);
  });

  test.each(["reader of its reports", "parent"])("nothing of it stays without the %s", async (gone) => {
    await using shaper = await openAb({ delayMs: 5 });
    shaper.child.stdout.destroy();
    if (gone === "parent") shaper.child.stdin.end();
    await shaper.exitCode();
    expect(nodes.rules("b")).toBe(nodes.rules("client"));
  });

  test("packets pass once it is killed, and the next one replaces what it left", async () => {
    {
      await using shaper = await openAb({ down: true });
      shaper.child.kill("SIGKILL");
      await shaper.exitCode();
      expect(nodes.rules("b")).toContain("BALEEN-SHAPER");
      expect(await sendAll("a", "b")).toHaveLength(60);
    }
    await using shaper = await openAb({ delayMs: 20 });
    expect(nodes.rules("b").match(/PREROUTING -j BALEEN-SHAPER/g)).toHaveLength(1);
    expect(median((await shaper.ask(echo)).probed[0]?.delaysMs ?? [])).toBeGreaterThan(19);
  });

  test("a second one is refused, and leaves the first alone", async () => {
    await using shaper = await openAb({ delayMs: 20 });
    await expect(openAb({})).rejects.toThrow(/shapes the links of a already/);
    expect(median((await shaper.ask(echo)).probed[0]?.delaysMs ?? [])).toBeGreaterThan(19);
  });

  test("what cannot be is refused, all at once", async () => {
    const gone = {
      ...places[0],
      name: "c",
      addresses: ["10.77.1.9"],
      namespacePath: "/run/netns/baleen-none",
    };
    const twin = { ...places[0], name: "d", addresses: ["10.77.1.8"] };
    const links = [link("a", "b", { corruptRatio: 0.1 })];
    const failed = open({ places: places.concat([gone, twin] as ShaperPlace[]), links });
    await expect(failed).rejects.toThrow(
      /Cannot open the network namespace .*baleen-none of c.*\n.*a and d share.*\n.*nfqueue cannot corrupt/,
    );
  });
});
