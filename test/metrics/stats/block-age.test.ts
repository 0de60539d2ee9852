import { describe, expect, test } from "vitest";
import type { EnvironmentReport } from "../../../src/contracts/hosts/host-load.ts";
import type { RunLinks } from "../../../src/contracts/nodes/links.ts";
import { blockAgeClaim } from "../../../src/metrics/stats/block-age.ts";
import { quietEnvironment } from "../../results/sample-environments.ts";
import { runParameters } from "../../results/sample-results.ts";

const measured = (offsetMs: number): RunLinks => {
  const hosts = [{ name: "host0", clockOffsetMs: offsetMs, clockErrorMs: 0.9 }];
  return { before: { hosts, pairs: [] }, after: { hosts, pairs: [] }, betweenSecs: 10 };
};
const claim = (p50Ms: number, networkType: "local" | "remote", links?: RunLinks) =>
  blockAgeClaim({
    blockAge: { count: 9, negative: 0, p50Ms },
    parameters: { ...runParameters, networkType },
    links,
  });

describe("the ages of blocks", () => {
  test("are off by what both clocks round off, where they are one clock", () => {
    expect(claim(84, "local")).toEqual({ errorMs: 1, claimed: true });
    expect(claim(1, "local")).toEqual({ errorMs: 1, claimed: false });
    expect(claim(-1.5, "local")).toEqual({ errorMs: 1, claimed: true });
  });

  test("of containers are claimed where their processes were seen on this machine", () => {
    const contained = (environment?: EnvironmentReport) =>
      blockAgeClaim({
        blockAge: { count: 9, negative: 0, p50Ms: 84 },
        parameters: { ...runParameters, runtime: "docker" },
        environment,
      });
    expect(contained(quietEnvironment)).toEqual({ errorMs: 1, claimed: true });
    // An engine in a virtual machine: the machine tells all but what others did.
    const hosts = quietEnvironment.hosts.map((host) => ({
      ...host,
      before: { secs: 1, backgroundSecs: 0, stealMeanRatio: 0 },
    }));
    expect(contained({ ...quietEnvironment, hosts })).toEqual({ claimed: false });
    expect(contained()).toEqual({ claimed: false });
  });

  test("are off by the furthest that a host's clock may be, too", () => {
    expect(claim(84, "remote", measured(0))).toEqual({ errorMs: 1.9, claimed: true });
    expect(claim(0.8, "remote", measured(0))).toEqual({ errorMs: 1.9, claimed: false });
    expect(claim(81, "remote", measured(-80))).toEqual({ errorMs: 81.9, claimed: false });
  });

  test("are off by that twice where a host's clock is the observer's, too", () => {
    const ofHosts = (clientPlacement: "colocated" | "dedicated") =>
      blockAgeClaim({
        blockAge: { count: 9, negative: 0, p50Ms: 2.5 },
        parameters: { ...runParameters, networkType: "remote", clientPlacement },
        links: measured(0),
      });
    expect(ofHosts("colocated")).toEqual({ errorMs: 2.8, claimed: false });
    expect(ofHosts("dedicated")).toEqual({ errorMs: 2.8, claimed: false });
  });

  test("are not claimed where a clock is not known", () => {
    expect(claim(84, "remote")).toEqual({ claimed: false });
    expect(claim(84, "remote", { before: measured(0).before })).toEqual({ claimed: false });
  });
});
