/** Interfaces for a network under test, between plain processes: what passes them, and how late. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network, PlacementView } from "../../src/contracts/deployment.ts";
import { unshaped } from "../../src/contracts/links/shape.ts";
import { findNamespaceTools } from "../../src/deploy/links/namespaces/tools.ts";
import { linksOf } from "../deploy/links/matrix.ts";
import { planTinyNodes } from "../deploy/tiny-plan.ts";
import { deployerIn, nodeOf } from "../support/small-network.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const tools = await findNamespaceTools();
const whyNot = typeof tools === "string" ? `(skipped: ${tools})` : undefined;
const probe = fileURLToPath(new URL("overlay-probe.mjs", import.meta.url));
const signal = AbortSignal.timeout(170_000);
const names = ["node0", "node1", "node2"];

/** Of the fastest: beside other tests most may come late. How late links are is measured elsewhere. */
function expectDelay(foundMs: number, askedMs: number): void {
  expect(foundMs).toBeGreaterThan(askedMs - 1);
  expect(foundMs).toBeLessThan(askedMs + 50);
}

describe.skipIf(whyNot !== undefined)(`an overlay ${whyNot ?? ""}`, () => {
  let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
  let network: Network;
  let overlay: PlacementView["overlay"];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await openTemporaryFolder();
    const deployer = deployerIn(folder.path);
    const edges = [
      ["node0", "node1"],
      ["node0", "node2"],
      ["node1", "node2"],
    ] as const;
    const links = linksOf(3, () => ({ delayMs: 20 }), { overlay: { edges } });
    const tiny = planTinyNodes(3);
    const groups = tiny.groups.map((group) => ({
      ...group,
      configure: (...[node, view]: Parameters<typeof group.configure>) => {
        ({ overlay } = view);
        return group.configure(node, view);
      },
    }));
    const plan = { ...tiny, groups, links };
    expect(await deployer.check(plan, signal)).toEqual([]);
    network = await deployer.deploy(plan, { run: "run-1", cleanup: "thorough", emit: () => {}, signal });
    for (const name of names) await start(name, "answer", hostOf(name).address);
  });
  afterAll(async () => {
    for (const child of children) child.kill();
    await network[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const hostOf = (name: string) => {
    const host = overlay?.(name);
    if (host === undefined) throw new TypeError(`no overlay for ${name}`);
    return host;
  };
  /** How a command runs where a node does. */
  const within = async (name: string, ...argv: readonly string[]) => {
    const [machine] = network.machines?.() ?? [];
    const own = (await machine?.processes())?.[names.indexOf(name)];
    return [`--net=/proc/${own?.pid}/ns/net`, ...argv];
  };
  const execute = async (name: string, ...argv: readonly string[]) =>
    (await run("nsenter", await within(name, ...argv))).stdout;
  async function start(name: string, ...argv: readonly string[]): Promise<ChildProcess> {
    const child = spawn("nsenter", await within(name, process.execPath, probe, ...argv), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const ended = once(child, "exit").then(() => Promise.reject(new Error(`${argv[0]} has ended`)));
    // Its end is no failure once it is ready.
    ended.catch(() => {});
    if (child.stdout !== null) await Promise.race([once(child.stdout, "data"), ended]);
    return child;
  }
  /** Round trips of 20 packets from one to the other, by what way their routes say. */
  async function ask(
    from: string,
    to: string,
  ): Promise<{ readonly count: number; readonly fastestMs: number }> {
    const values = ["ask", hostOf(from).address, hostOf(to).address, "20"];
    const tookMs = JSON.parse(await execute(from, process.execPath, probe, ...values)) as number[];
    return { count: tookMs.length, fastestMs: Math.min(...tookMs) };
  }
  const route = async (from: string, to: string, via: string) => {
    const one = hostOf(from).interfaces.find(({ peer }) => peer === via);
    const source = hostOf(from).address;
    const way = ["via", one?.peerAddress ?? "", "dev", one?.name ?? "", "src", source];
    await execute(from, "ip", "route", "replace", `${hostOf(to).address}/32`, ...way);
  };

  test("each edge has two ends, named by the node at the other", () => {
    expect(hostOf("node1")).toEqual({
      address: "198.18.0.2",
      interfaces: [
        { name: "link0", peer: "node0", address: "198.19.0.1", peerAddress: "198.19.0.0", vni: 1 },
        { name: "link2", peer: "node2", address: "198.19.0.4", peerAddress: "198.19.0.5", vni: 3 },
      ],
    });
    expect(() => hostOf("node9")).toThrow(/node9 has no interfaces/);
  });

  test("what passes is as late as the link, by the way that routes say, and a cut link cuts its own interface", async () => {
    for (const [from, to] of [
      ["node0", "node1"],
      ["node1", "node0"],
    ] as const) {
      await route(from, to, to);
    }
    const direct = await ask("node0", "node1");
    expect(direct.count).toBe(20);
    expectDelay(direct.fastestMs, 40);
    const cut = { ...unshaped, delayMs: 20, down: true };
    await network.links?.set([{ from: "node0", to: "node1", shape: cut }], signal);
    expect((await ask("node0", "node1")).count).toBe(0);
    // Over the third node, which forwards: two links there, and the direct one back.
    await route("node0", "node1", "node2");
    await route("node2", "node1", "node1");
    const relayed = await ask("node0", "node1");
    expect(relayed.count).toBe(20);
    expectDelay(relayed.fastestMs, 60);
  });

  test("multicast of IPv6 passes, as routing daemons need it", async () => {
    const hearer = await start("node1", "hear", "link2");
    const heard = hearer.stdout === null ? undefined : once(hearer.stdout, "data", { signal });
    await execute("node2", process.execPath, probe, "say", "link1");
    expect(String((await heard)?.[0])).toBe('"to link1, number known"\n');
  });

  test("a node that starts again finds its interfaces", async () => {
    await nodeOf(network, 2).kill();
    await nodeOf(network, 2).start();
    // Its process is on its way into the namespace at first.
    const found = async () => {
      const listing = await execute("node2", "ip", "-o", "link", "show", "type", "vxlan");
      return listing.match(/link[01]:/g);
    };
    await expect.poll(found, { timeout: 10_000, interval: 50 }).toEqual(["link0:", "link1:"]);
  });
});
