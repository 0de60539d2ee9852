import { describe, expect, test } from "vitest";
import type { ShaperCommand, ShaperReport } from "../../../src/contracts/links/shaper.ts";
import type { PlannedLinks, ShapingSecond } from "../../../src/contracts/links/shaping.ts";
import { Shapers } from "../../../src/deploy/links/shapers.ts";
import { eventually } from "../../support/processes.ts";
import { linksOf } from "./matrix.ts";
import { quietSecond, startScriptedShaper } from "./scripted-shaper.ts";

const signal = AbortSignal.timeout(20_000);
const place = (name: string) => ({ name, addresses: [`10.0.0.${name.slice(4)}`] });

/** Round trips of 4 ms between machines; what a mechanism refuses is refused. */
const answerBy =
  (refused: readonly string[]) =>
  (command: ShaperCommand): ShaperReport | undefined => {
    switch (command.type) {
      case "open": {
        const { id, mechanism = "nfqueue" } = command;
        if (refused.includes(mechanism)) return { type: "refused", id, reason: `no ${mechanism} here` };
        return { type: "ready", id, mechanism, realTime: true, bare: [] };
      }
      case "echo": {
        const probed = command.pairs.map((pair) => ({
          ...pair,
          ...{ way: "round-trip" as const, sent: command.packets, received: 3, delaysMs: [3, 4, 5] },
        }));
        return { type: "done", id: command.id, atMs: 1, probed };
      }
      case "stop":
        return undefined;
      default:
        return { type: "done", id: command.id, atMs: 1, probed: [] };
    }
  };

function openShapers(
  links: PlannedLinks,
  {
    hosts,
    refused = [],
  }: { readonly hosts: readonly (string | undefined)[]; readonly refused?: readonly string[] },
) {
  const started: (ReturnType<typeof startScriptedShaper> & { readonly host: string | undefined })[] = [];
  const shapers = new Shapers({
    links,
    machines: hosts.map((host) => ({
      host,
      start: async () => {
        const shaper = startScriptedShaper(answerBy(refused));
        started.push({ ...shaper, host });
        return shaper.process;
      },
    })),
    hostOf: (node) => hosts[Number(node.slice(4)) % hosts.length],
    locate: (nodes) => nodes.map(place),
    exemptPorts: [26_657],
  });
  const of = (host: string | undefined) => started.filter((one) => one.host === host).at(-1);
  return { shapers, started, of };
}

const delaysOf = (command: ShaperCommand | undefined) =>
  command?.type === "set" || command?.type === "open"
    ? command.links.map(({ from, to, delayMs }) => `${from} ${to} ${delayMs}`)
    : [];

describe("shapers", () => {
  test("one on this machine is opened with what is asked, and takes later nodes", async () => {
    const { shapers, of } = openShapers(
      linksOf(3, () => ({ delayMs: 25 })),
      { hosts: [undefined] },
    );
    await using _ = shapers;
    await shapers.admit(["node0", "node1"], signal);
    await shapers.admit(["node2"], signal);
    const commands = of(undefined)?.commands ?? [];
    expect(commands.map(({ type }) => type)).toEqual(["open", "attach", "set"]);
    expect(commands[0]).toMatchObject({ bareEchoes: 30, exemptPorts: [26_657] });
    expect(delaysOf(commands[0])).toEqual(["node0 node1 25", "node1 node0 25"]);
    expect(delaysOf(commands[2])).toHaveLength(4);
    expect(shapers.shaping()).toMatchObject({ mechanism: "nfqueue", realTime: true });
  });

  test("several use one mechanism, shape at its end of a link, and subtract the path", async () => {
    const { shapers, of } = openShapers(
      linksOf(2, () => ({ delayMs: 25 })),
      {
        hosts: ["a", "b"],
        refused: ["netem"],
      },
    );
    await using _ = shapers;
    await shapers.admit(["node0", "node1"], signal);
    const [a, b] = ["a", "b"].map((host) => of(host)?.commands ?? []);
    expect(a?.map(({ type }) => type)).toEqual(["open", "echo", "set"]);
    // Nothing is shaped until the path is known.
    expect(delaysOf(a?.[0])).toEqual(["node1 node0 0"]);
    expect(delaysOf(a?.[2])).toEqual(["node1 node0 23"]);
    expect(delaysOf(b?.[2])).toEqual(["node0 node1 23"]);
    expect(shapers.shaping().bare).toEqual([
      { from: "node0", to: "node1", delayMs: 2, p99Ms: 2.5 },
      { from: "node1", to: "node0", delayMs: 2, p99Ms: 2.5 },
    ]);
  });

  test("a path that is longer than its link is to be is an error that names it", async () => {
    const links = linksOf(2, (from) => ({ delayMs: from === 0 ? 0.5 : 1.5 }));
    const { shapers } = openShapers(links, { hosts: ["a", "b"] });
    await using _ = shapers;
    await expect(shapers.admit(["node0", "node1"], signal)).rejects.toThrow(
      /\(one-way delays\): node0 → node1: asked 0.5 ms, measured 2.0 ms\. Ask for longer delays/,
    );
  });

  test("where no mechanism works, each says why", async () => {
    const { shapers, started } = openShapers(
      linksOf(2, () => ({})),
      {
        hosts: ["a", "b"],
        refused: ["netem", "nfqueue"],
      },
    );
    await using _ = shapers;
    await expect(shapers.admit(["node0", "node1"], signal)).rejects.toThrow(/no netem here.*no nfqueue here/);
    expect(started).toHaveLength(4);
  });

  test("what the kernel dropped since the start is told second by second", async () => {
    const { shapers, of } = openShapers(
      linksOf(2, () => ({})),
      { hosts: [undefined] },
    );
    await using _ = shapers;
    await shapers.admit(["node0", "node1"], signal);
    const seconds: ShapingSecond[] = [];
    shapers.shaping().onSecond((second) => seconds.push(second));
    const counts = { packets: 9, bytes: 900, lost: 1, overflowed: 2, cut: 3, held: 0, userDropped: 0 };
    for (const queueDropped of [5, 7, 1]) {
      const targets = [{ name: "node0", ...counts, queueDropped }];
      of(undefined)?.report({ ...quietSecond, released: 4, lateP50Us: 70, targets });
    }
    await eventually("three seconds", () => seconds[2]);
    expect(seconds.map(({ kernelDropped }) => kernelDropped)).toEqual([5, 2, 1]);
    expect(seconds[0]).toMatchObject({
      released: 4,
      lateP50Ms: 0.07,
      lost: 1,
      overflowed: 2,
      cut: 3,
      cpuMs: 1,
    });
  });
});
