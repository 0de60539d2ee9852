/** A foreign program on hosts with an engine each: its image is sent, and its groups start in stages there, too. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NodeGroup } from "../../src/contracts/deployment.ts";
import type { EventBody } from "../../src/contracts/events.ts";
import { beaconOf, buildBeacon, planBeacons, whyNoCompiler } from "../deploy/foreign-plan.ts";
import { askNode } from "../deploy/real-engine.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";
import { startTestHosts, type TestHosts, testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";
import { deployToTestHosts } from "../support/test-hosts-deployer.ts";

const whyNot = whyNoTestHosts ?? whyNoCompiler;

describe.skipIf(whyNot !== undefined)(`foreign programs on hosts ${whyNot ?? ""}`, () => {
  let hosts: TestHosts;
  beforeAll(async () => {
    hosts = await startTestHosts({ count: 2, docker: true });
  }, testHostsLimitMs);
  afterAll(() => hosts[Symbol.asyncDispose]());

  const deployerOf = (folder: string, run: string) =>
    deployToTestHosts(hosts, { run, folder, nodes: [[0, 2], [1]] });

  function watchRun(run: string) {
    const signal = AbortSignal.timeout(testHostsLimitMs);
    const steps: string[] = [];
    const emit = (event: EventBody) => {
      if (event.type === "network-step") steps.push(event.step);
    };
    return { options: { run, cleanup: "thorough", emit, signal } as const, steps, signal };
  }

  test("a binary is sent as an image, ways are tried and measured, and later nodes know what the first has told", async () => {
    await using folder = await openTemporaryFolder();
    const run = "foreign1";
    const [follower, bootstrap] = [
      beaconOf({ path: await buildBeacon(folder.path, "dynamic") }),
      beaconOf({ path: await buildBeacon(folder.path, "static") }),
    ];
    const plan = planBeacons(follower, 2, bootstrap);
    // They answer peers too, so that there are ways to be tried and measured.
    const groups = plan.groups.map(
      (group): NodeGroup => ({
        ...group,
        planes: ["rpc", "peer"],
        ports: { ...group.ports, peer: 5000 },
        configure: (node, view) => {
          const { args, ...rest } = group.configure(node, view);
          return { ...rest, args: [...args, String(view.listen("peer").port)] };
        },
      }),
    );
    const deployer = deployerOf(folder.path, run);
    const { options, steps, signal } = watchRun(run);
    try {
      expect(await deployer.check({ ...plan, groups }, signal)).toEqual([]);
      const network = await deployer.deploy({ ...plan, groups }, options);
      try {
        const { identifier } = (await askNode(network, "node2", "/")) as { identifier: string };
        for (const name of ["node0", "node1"]) {
          expect(await askNode(network, name, "/")).toMatchObject({
            known: `${identifier} ${identifier}`,
            uid: 1000,
            writable: true,
          });
        }
        expect(steps).toContain("checking that the hosts reach one another");
        expect(steps.filter((step) => /^starting [12] nodes$/.test(step))).toHaveLength(2);
        const links = await network.measureLinks?.(signal);
        expect(links?.pairs).toHaveLength(2);
        for (const { rttMs } of links?.pairs ?? []) expect(rttMs).toBeGreaterThan(0);
        const { hosts: described, images } = (await network.describe()) as {
          hosts: Record<string, { image?: object; images?: object }>;
          images: string[];
        };
        expect(images).toHaveLength(2);
        const [first, second] = hosts.hosts.map(({ name }) => described[name]);
        expect(Object.keys(first?.images ?? {}).sort()).toEqual(images.toSorted());
        expect(second?.image).toMatchObject({ programSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      } finally {
        expect(await network.stop("thorough")).toBeUndefined();
      }
    } finally {
      await deployer.close?.();
    }
    for (const index of [0, 1]) {
      expect(await hosts.inside(index, "docker", "ps", "-aq")).toBe("");
      expect(await hosts.inside(index, "docker", "volume", "ls", "-q")).toBe("");
    }
  });

  test("an image that hosts have under a name is used; one that nobody has is named with its host", async () => {
    await using folder = await openTemporaryFolder();
    const run = "foreign2";
    const image = "kept/beacon:1";
    // One that the test before has left on both: the second has no other.
    const format = "{{.Repository}}:{{.Tag}}";
    const made = await hosts.inside(1, "docker", "images", "--format", format, "baleen/test-beacon");
    for (const index of [0, 1]) await hosts.inside(index, "docker", "tag", made, image);
    const deployer = deployerOf(folder.path, run);
    const { options, steps, signal } = watchRun(run);
    const entrypoint = ["/usr/local/bin/test-beacon"];
    const plan = planBeacons(beaconOf({ image, entrypoint }), 2);
    try {
      expect(await deployer.check(plan, signal)).toEqual([]);
      const network = await deployer.deploy(plan, options);
      try {
        expect(await askNode(network, "node1", "/")).toMatchObject({ uid: 1000, writable: true });
        expect(await network.describe()).toMatchObject({ image });
        expect(steps.filter((step) => step.includes("sending the image, 0 %"))).toEqual([]);
      } finally {
        expect(await network.stop("thorough")).toBeUndefined();
      }
    } finally {
      await deployer.close?.();
    }
    const other = deployerOf(folder.path, run);
    try {
      const nowhere = planBeacons(beaconOf({ image: "127.0.0.1:1/no/such:image" }), 2);
      await expect(other.deploy(nowhere, options)).rejects.toMatchObject({
        code: "image-distribution",
        message: expect.stringMatching(
          /^Cannot put image 127\.0\.0\.1:1\/no\/such:image on \S+: .*can reach the registry/,
        ),
      });
    } finally {
      await other.close?.();
    }
  });
});
