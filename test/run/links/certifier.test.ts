import { describe, expect, test } from "vitest";
import type { EventBody } from "../../../src/contracts/events.ts";
import type { LinkMatrix } from "../../../src/contracts/links/matrix.ts";
import { linksOf } from "../../../src/contracts/links/shaping.ts";
import { type LinkProbes, linkProbesForm } from "../../../src/contracts/results/links/link-certificate.ts";
import { delay } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { asPublished } from "../../../src/core/documents/write-form.ts";
import { certifyLinks } from "../../../src/results/analysis/links/certify.ts";
import { LinkCertifier } from "../../../src/run/links/certifier.ts";
import { LinkControl } from "../../../src/run/links/control.ts";
import { delayed } from "../../results/sample-links.ts";
import { idle } from "../../support/small-network.ts";
import { type LinkScript, matrixOf, planned, scriptLinks } from "./scripted-links.ts";

const matrix = matrixOf(4, (from, to) => delayed(10 * (from + to)));

interface Opened extends LinkScript {
  readonly signal?: AbortSignal;
  readonly of?: LinkMatrix;
}

function open({ signal = idle, of = matrix, ...script }: Opened = {}) {
  const links = scriptLinks(of, script);
  const control = new LinkControl(links, { matrix: of, clock: systemClock });
  const events: EventBody[] = [];
  const gone = new Set<string>();
  const certifier = new LinkCertifier({
    links,
    control,
    planned: planned(of),
    name: "test.yaml",
    benchmarkNumber: 1,
    windowSecs: 2,
    underLoad: false,
    clock: systemClock,
    emit: (event) => events.push(event),
    signal,
    unreachable: () => gone,
  });
  const windowFor = async (ms: number, during: () => Promise<void> = async () => {}) => {
    certifier.begin(systemClock.monotonicMs());
    await Promise.all([delay(ms), during()]);
    await certifier.end();
  };
  const conclude = () => {
    const probes = certifier.finish();
    return { probes, certificate: certifyLinks(asPublished<LinkProbes>(linkProbesForm, probes)) };
  };
  return { links, control, certifier, events, gone, windowFor, conclude };
}

describe("links that do as they are asked", () => {
  test("are certified, every one before, during and after, with a step for each round", async () => {
    const { certifier, events, windowFor, conclude, links } = open();
    await using _ = certifier;
    await certifier.before();
    await windowFor(1_950, async () => links.second({ lateP99Ms: 0.1, lateMaxMs: 0.5 }));
    await certifier.after();
    const { probes, certificate } = conclude();
    expect(certificate).toMatchObject({
      name: "test.yaml",
      mechanism: "nfqueue",
      links: 12,
      measured: 12,
      sample: "all",
      failures: [],
      during: { early: 0, late: 0 },
    });
    expect(certificate.during.echoes).toBeGreaterThanOrEqual(12);
    for (const link of probes.links) {
      expect(link.before).toMatchObject({ sent: 200, received: 200, repeated: false });
      expect(link.after).toMatchObject({ sent: 50, received: 50 });
      expect(link.congestionControl).toBe("cubic");
      expect(link.during?.changed).toEqual([]);
    }
    expect(events.filter((event) => event.type === "network-step")).toHaveLength(4);
  });

  test("may be changed by the timeline: echoes are held to what was in force", async () => {
    const { certifier, control, windowFor, conclude } = open();
    await using _ = certifier;
    const down = [...matrix.nodes.keys()].flatMap((from) =>
      from === 0 ? [] : [{ from: `node${from}`, to: "node0", shape: delayed(0, { down: true }) }],
    );
    await windowFor(1_000, async () => {
      await delay(300);
      await control.set(down, idle);
      await delay(400);
      await control.set(control.healing(), idle);
    });
    const { probes, certificate } = conclude();
    expect(certificate.failures).toEqual([]);
    expect(certificate.during).toMatchObject({ early: 0, late: 0 });
    expect(probes.links.some((link) => (link.during?.changed.length ?? 0) > 0)).toBe(true);
    expect(control.healing()).toEqual([]);
  });

  test("may ramp: an echo is held to what was in force when its own turn came", async () => {
    const rising = matrixOf(8, () => delayed(10));
    const { links, certifier, control, windowFor, conclude } = open({ of: rising, takesTurns: true });
    await using _ = certifier;
    await windowFor(1_950, async () => {
      for (let delayMs = 60; delayMs <= 800; delayMs += 50) {
        await delay(100);
        await control.set(
          linksOf(rising).map(({ from, to }) => ({ from, to, shape: delayed(delayMs) })),
          idle,
        );
      }
    });
    const { certificate } = conclude();
    expect(certificate.failures).toEqual([]);
    expect(certificate.during).toMatchObject({ early: 0, late: 0 });
    // Several pairs in each, or none would have to wait.
    expect(links.requests.every(({ pairs }) => pairs.length >= 2)).toBe(true);
  });
});

describe("links that do not", () => {
  test("are measured again, and fail if it is the same then", async () => {
    const { certifier, links, conclude } = open({
      instead: ({ from, to }, shape) => (from === "node0" && to === "node3" ? delayed(1) : shape),
    });
    await using _ = certifier;
    await certifier.before();
    const { probes, certificate } = conclude();
    expect(certificate.failures).toEqual([
      { from: "node0", to: "node3", when: "before", reason: "delay 1.1 ms, asked 30.0 ms ± 1.5 ms" },
    ]);
    expect(probes.links.filter(({ before }) => before?.repeated)).toHaveLength(1);
    expect(links.requests.at(-1)?.pairs).toEqual([{ from: "node0", to: "node3" }]);
  });

  test("cannot be measured where the shaper does not answer: the run goes on, and is invalid", async () => {
    const { certifier, conclude } = open({
      instead: () => {
        throw new Error("the shaper has ended");
      },
    });
    await using _ = certifier;
    await certifier.before();
    expect(conclude().certificate).toMatchObject({
      measured: 0,
      failures: [{ when: "before", reason: "links could not be measured: the shaper has ended" }],
    });
  });

  test("tell why once, also where the shaper had failed before", async () => {
    const { certifier, links, windowFor, conclude } = open();
    await using _ = certifier;
    await windowFor(50, async () => links.fail("the link shaper ended by SIGKILL"));
    links.fail("the link shaper ended by SIGKILL");
    expect(conclude().certificate.failures).toEqual([
      { when: "during", reason: "the link shaper ended by SIGKILL" },
    ]);
  });
});

test("nodes that nothing reaches have no echoes, and no measurement after the run", async () => {
  const { certifier, gone, windowFor, conclude } = open();
  await using _ = certifier;
  gone.add("node3");
  await windowFor(1_000);
  await certifier.after();
  const { probes } = conclude();
  const ofNode3 = probes.links.filter(({ from, to }) => from === "node3" || to === "node3");
  expect(ofNode3).toHaveLength(6);
  for (const { during, after } of ofNode3) expect([during, after]).toEqual([undefined, undefined]);
  expect(probes.links.filter(({ after }) => after !== undefined)).toHaveLength(6);
});

test("an abort ends the measurement with its reason", async () => {
  const stop = new AbortController();
  const { certifier } = open({
    signal: stop.signal,
    instead: () => {
      stop.abort(new Error("Ctrl-C"));
      throw stop.signal.reason;
    },
  });
  await using _ = certifier;
  await expect(certifier.before()).rejects.toThrow("Ctrl-C");
});
