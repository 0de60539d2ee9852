import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Network } from "../../src/contracts/deployment.ts";
import { unshaped } from "../../src/contracts/links/shape.ts";
import type { LinkShaping, ShapingSecond } from "../../src/contracts/links/shaping.ts";
import { until } from "../../src/core/async.ts";
import { quantileOf } from "../../src/core/numbers/quantile.ts";
import { renderComposeFile } from "../../src/deploy/containers/compose-file.ts";
import { findFreePorts } from "../../src/deploy/nodes/ports.ts";
import { linksOf } from "../deploy/links/matrix.ts";
import {
  askNode,
  countLeftovers,
  deployerOf,
  dockerCommand,
  startTestRun,
  type TestRun,
  whyNoDocker,
} from "../deploy/real-engine.ts";
import { planTinyNodes } from "../deploy/tiny-plan.ts";
import { nodeOf } from "../support/small-network.ts";

const asked = (from: number, to: number) => (from < to ? 25 : 50);
const pairs = [
  { from: "node0", to: "node1" },
  { from: "node3", to: "node2" },
];
/** Our own compose file on other ports than the usual ones. */
async function writeComposeFile(run: TestRun, nodes: number): Promise<string> {
  const free = await findFreePorts(2 * nodes, "127.0.0.1");
  const ports = Array.from({ length: nodes }, (_, i) => ({
    rpc: free[2 * i] ?? 0,
    metrics: free[2 * i + 1] ?? 0,
  }));
  return await run.writeFile("docker-compose.yml", renderComposeFile(ports));
}

const limits = { timeoutMs: 10_000, everyMs: 50 };

describe.skipIf(whyNoDocker !== undefined)(`links between containers ${whyNoDocker ?? ""}`, () => {
  let run: TestRun;
  let network: Network;
  let links: LinkShaping;
  const seconds: ShapingSecond[] = [];

  const medians = async () => {
    const probed = await links.probe({ kind: "echo", pairs, packets: 200, perSecond: 200 }, run.signal);
    return probed.map(({ delaysMs, received }) => (received === 0 ? Number.NaN : quantileOf(delaysMs, 0.5)));
  };

  beforeAll(async () => {
    run = await startTestRun();
    const deployer = deployerOf(await writeComposeFile(run, 4));
    const plan = {
      ...planTinyNodes(4),
      links: linksOf(4, (from, to) => ({ delayMs: asked(from, to) })),
    };
    expect(await deployer.check(plan, run.signal)).toEqual([]);
    network = await deployer.deploy(plan, run.options("thorough"));
    if (network.links === undefined) throw new Error("no links");
    links = network.links;
    links.onSecond((second) => seconds.push(second));
  });
  afterAll(async () => {
    await run[Symbol.asyncDispose]();
  });

  test("are as late as was asked in each direction, while clients are not", async () => {
    const [there = 0, back = 0] = await medians();
    expect(Math.abs(there - 25)).toBeLessThan(1.5);
    expect(Math.abs(back - 50)).toBeLessThan(2);
    expect(links.bare).toHaveLength(12);
    await askNode(network, "node0", "/name");
    const startMs = performance.now();
    await askNode(network, "node0", "/name");
    expect(performance.now() - startMs).toBeLessThan(40);
    const peersMs = performance.now();
    expect(await askNode(network, "node0", "/peers")).toEqual(["node1", "node2", "node3"]);
    // A connection and a request, each there and back.
    expect(performance.now() - peersMs).toBeGreaterThan(145);
    await until(() => seconds.find(({ released }) => released > 0), {
      ...limits,
      describe: () => "no report",
    });
  });

  test("are made by a shaper that can change no file of the machine, nor reach its sockets", async () => {
    const inside = (program: string) =>
      dockerCommand("exec", `baleen-${run.id}-shaper`, "/usr/local/bin/node", "-e", program);
    await expect(inside('fs.writeFileSync("/machine/root/changed", "")')).rejects.toThrow(/EROFS/);
    expect((await inside('console.log(fs.readdirSync("/machine/usr").includes("bin"))')).trim()).toBe("true");
    expect(await inside('console.log(fs.existsSync("/machine/run/docker.sock"))')).toMatch(/false/);
  });

  test("change, and let nothing through where they are down", async () => {
    await links.set([{ from: "node0", to: "node1", shape: { ...unshaped, down: true } }], run.signal);
    const [there = 0, back = 0] = await medians();
    expect(there).toBeNaN();
    expect(Math.abs(back - 50)).toBeLessThan(2);
    await links.set([{ from: "node0", to: "node1", shape: { ...unshaped, delayMs: 10 } }], run.signal);
    expect(Math.abs(((await medians())[0] ?? 0) - 10)).toBeLessThan(1.5);
  });

  test("hold for a node that was killed and started again", async () => {
    await nodeOf(network, 2).kill();
    await nodeOf(network, 2).start();
    await askNode(network, "node2", "/name");
    expect(Math.abs(((await medians())[1] ?? 0) - 50)).toBeLessThan(2);
  });

  test("fail loudly when the shaper is killed, and leave nothing", async () => {
    const failures: string[] = [];
    links.onFailure((why) => failures.push(why));
    await dockerCommand("kill", `baleen-${run.id}-shaper`);
    const why = await until(() => failures[0], { ...limits, timeoutMs: 4000, describe: () => "not told" });
    expect(why).toMatch(/^The link shaper has ended: its container/);
    expect(await network.stop("thorough")).toBeUndefined();
    expect(await countLeftovers(run.id)).toEqual({ containers: 0, networks: 0, volumes: 0 });
  });
});

describe.skipIf(whyNoDocker !== undefined)(`links of a network that starts ${whyNoDocker ?? ""}`, () => {
  test("nodes of later stages are shaped, too", { tags: "full" }, async () => {
    await using run = await startTestRun();
    const plan = planTinyNodes(1);
    const groups = ["first", "second"].map((role, place) => ({
      ...(plan.groups[0] as (typeof plan.groups)[number]),
      ...{ role, count: 2, startAfter: place === 0 ? [] : ["first"] },
    }));
    const links = linksOf(4, (from, to) => ({ delayMs: asked(from, to) }));
    const deployer = deployerOf(await writeComposeFile(run, 4));
    const network = await deployer.deploy({ ...plan, groups, links }, run.options("thorough"));
    const pairs = [
      { from: "node0", to: "node2" },
      { from: "node3", to: "node1" },
      { from: "node2", to: "node3" },
    ];
    const request = { kind: "echo", pairs, packets: 100, perSecond: 200 } as const;
    const probed = (await network.links?.probe(request, run.signal)) ?? [];
    const errors = probed.map(({ delaysMs }, i) => quantileOf(delaysMs, 0.5) - ([25, 50, 25][i] ?? 0));
    for (const error of errors) expect(Math.abs(error)).toBeLessThan(2);
    expect(errors).toHaveLength(3);
    expect(await network.stop("thorough")).toBeUndefined();
  });

  test("an interruption while links are shaped leaves nothing", async () => {
    await using run = await startTestRun();
    const abort = new AbortController();
    const plan = { ...planTinyNodes(3), links: linksOf(3, () => ({ delayMs: 5 })) };
    const deployer = deployerOf(await writeComposeFile(run, 3));
    const deploying = deployer.deploy(plan, {
      ...run.options("thorough"),
      emit: ({ type, ...event }) => {
        if (type !== "network-step" || !("step" in event) || event.step !== "shaping the links") return;
        setTimeout(() => abort.abort(new Error("Ctrl-C")), 700);
      },
      signal: abort.signal,
    });
    await expect(deploying).rejects.toThrow("Ctrl-C");
    expect(await countLeftovers(run.id)).toEqual({ containers: 0, networks: 0, volumes: 0 });
  });
});
