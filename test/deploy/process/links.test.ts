import { describe, expect, test } from "vitest";
import { deployerIn, idle, nodeOf } from "../../support/small-network.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";
import { linksOf } from "../links/matrix.ts";
import { ask } from "../real-engine.ts";
import { planTinyNodes } from "../tiny-plan.ts";

const options = { run: "run-1", cleanup: "thorough", emit: () => {}, signal: idle } as const;

describe("links through a relay", () => {
  test("nodes reach each other through it, as late as was asked, and the coordinator does not", async () => {
    await using folder = await openTemporaryFolder();
    const plan = { ...planTinyNodes(3), links: linksOf(3, () => ({ delayMs: 30 }), { mechanism: "relay" }) };
    expect(await deployerIn(folder.path).check(plan, idle)).toEqual([]);
    await using network = await deployerIn(folder.path).deploy(plan, options);
    expect(network.links?.mechanism).toBe("relay");
    expect(await network.describe()).toMatchObject({ links: { mechanism: "relay" } });
    const direct = network.endpoint("node1", "coordinator", "rpc");
    expect(network.endpoint("node1", { node: "node1" }, "rpc")).toEqual(direct);
    expect(network.endpoint("node1", { node: "node0" }, "rpc")).not.toEqual(direct);
    for (const { name } of network.nodes) await ask(network.endpoint(name, "coordinator", "rpc"), "/name");
    const first = network.endpoint("node0", "coordinator", "rpc");
    const startMs = performance.now();
    expect(await ask(first, "/peers")).toEqual(["node1", "node2"]);
    // The relay accepts at once; the request to connect, the request and its answer take their time.
    expect(performance.now() - startMs).toBeGreaterThan(55);
    await nodeOf(network, 1).kill();
    await nodeOf(network, 1).start();
    await ask(direct, "/name");
    expect(await ask(first, "/peers")).toEqual(["node1", "node2"]);
  });

  test("what it cannot do is refused before anything starts", async () => {
    await using folder = await openTemporaryFolder();
    const loss = { kind: "independent", lossRatio: 0.01 } as const;
    const links = linksOf(3, () => ({ loss }), { mechanism: "relay" });
    const found = await deployerIn(folder.path).check({ ...planTinyNodes(3), links }, idle);
    expect(found).toEqual([{ code: "links", message: expect.stringContaining("cannot do loss") }]);
  });
});
