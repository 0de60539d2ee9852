import { describe, expect, test } from "vitest";
import type { Network } from "../../../src/contracts/deployment.ts";
import type { EventBody } from "../../../src/contracts/events.ts";
import type { LinkReport } from "../../../src/contracts/nodes/links.ts";
import { betweenLinks, LinkWatch } from "../../../src/run/watch/link-watch.ts";

function openWatch() {
  let nowMs = 0;
  const watch = new LinkWatch({ monotonicMs: () => nowMs, wallMs: () => 0 });
  const at = (ms: number, body: EventBody) => {
    nowMs = ms;
    watch.observe(body);
  };
  return { watch, at };
}

const lost = (host: string): EventBody => ({ type: "host-link", host, state: "lost", reason: "gone quiet" });
const restored = (host: string): EventBody => ({ type: "host-link", host, state: "restored", afterMs: 1 });
const span = { fromMs: 10_000, windowMs: 12_000 };

describe("gaps of a run", () => {
  test("are told from the start of the window, with their lengths", () => {
    const { watch, at } = openWatch();
    at(11_000, lost("host0"));
    at(12_500, lost("host1"));
    at(14_000, restored("host0"));
    expect(watch.gaps(span)).toEqual([
      { host: "host0", lostSecs: -1, lengthSecs: 3, reason: "gone quiet", givenUp: false },
      { host: "host1", lostSecs: 0.5, lengthSecs: undefined, reason: "gone quiet", givenUp: false },
    ]);
  });

  test("leave out what was over before the run, and keep what reached into it", () => {
    const { watch, at } = openWatch();
    at(1000, lost("host0"));
    at(2000, restored("host0"));
    at(3000, lost("host0"));
    at(10_500, restored("host0"));
    expect(watch.gaps(span)).toMatchObject([{ lostSecs: -9, lengthSecs: 7.5 }]);
  });

  test("say of a host that it was given up, also where its loss was not told before", () => {
    const { watch, at } = openWatch();
    at(12_000, lost("host0"));
    at(13_000, { type: "host-link", host: "host0", state: "given-up", reason: "no route" });
    at(14_000, { type: "host-link", host: "host1", state: "given-up", reason: "no route" });
    expect(watch.gaps(span)).toMatchObject([
      { host: "host0", lostSecs: 0, reason: "gone quiet", givenUp: true },
      { host: "host1", lostSecs: 2, reason: "no route", givenUp: true },
    ]);
  });

  test("are none where an end is told without a beginning, or nothing at all", () => {
    const { watch, at } = openWatch();
    at(12_000, restored("host0"));
    at(12_500, { type: "warning", message: "lost" });
    expect(watch.gaps(span)).toEqual([]);
  });
});

describe("links around a run", () => {
  const report = (name: string): LinkReport => ({ hosts: [{ name }], pairs: [] });
  const measuredBy = (measureLinks?: Network["measureLinks"]) => {
    const reported: EventBody[] = [];
    const network = { measureLinks } as Network;
    const { signal } = new AbortController();
    let nowMs = 0;
    const clock = { monotonicMs: () => (nowMs += 1500) };
    return { reported, context: { network, emit: (body: EventBody) => reported.push(body), clock, signal } };
  };

  test("are measured before and after it", async () => {
    const order: string[] = [];
    const { context } = measuredBy(async () => {
      order.push("measured");
      return report(`host${order.length}`);
    });
    const work = async () => order.push("worked");
    const { links } = await betweenLinks(context, work);
    expect(order).toEqual(["measured", "worked", "measured"]);
    expect(links).toEqual({ before: report("host1"), after: report("host3"), betweenSecs: 1.5 });
  });

  test("that cannot be measured are told and cost nothing else", async () => {
    const { reported, context } = measuredBy(() => Promise.reject(new Error("no ping")));
    expect(await betweenLinks(context, async () => "worked")).toEqual({ value: "worked", links: undefined });
    expect(reported).toEqual(
      Array(2).fill({
        type: "warning",
        message: "Clocks and round trips of the hosts could not be measured: no ping",
      }),
    );
  });

  test("are none where the network has no hosts", async () => {
    const { reported, context } = measuredBy();
    expect(await betweenLinks(context, async () => 1)).toEqual({ value: 1, links: undefined });
    expect(reported).toEqual([]);
  });
});
