import { describe, expect, test } from "vitest";
import type { LinkReport } from "../../../src/contracts/nodes/links.ts";
import { certifyClocks, clockBoundMs } from "../../../src/metrics/stats/clock-certificate.ts";

/** One reading of host0, [offset, error], and of host1 where there is one. */
const links = (...readings: readonly (readonly [number, number])[]): LinkReport => ({
  hosts: readings.map(([clockOffsetMs, clockErrorMs], index) => ({
    name: `host${index}`,
    clockOffsetMs,
    clockErrorMs,
  })),
  pairs: [],
});
const unmeasured: LinkReport = { hosts: [{ name: "host0", coordinatorRttMs: 3 }], pairs: [] };

describe("the certificate of a clock", () => {
  test("that runs evenly bounds it for the whole run by its further reading", () => {
    const measured = { before: links([79.5, 0.5]), after: links([80.25, 1]), betweenSecs: 60 };
    expect(certifyClocks(measured)).toEqual([
      {
        host: "host0",
        before: { offsetMs: 79.5, errorMs: 0.5 },
        after: { offsetMs: 80.25, errorMs: 1 },
        driftMs: 0.75,
        driftErrorMs: 1.5,
        stepped: false,
        boundMs: 81.25,
      },
    ]);
    expect(clockBoundMs(measured)).toBe(81.25);
  });

  test("that is behind is as far away as one that is ahead", () => {
    expect(clockBoundMs({ before: links([-5, 1]), after: links([-4, 1]), betweenSecs: 1 })).toBe(6);
  });

  // Errors of 1 ms and 1 ms, and 500 ppm of 10 s, are 7 ms.
  test.each([
    [7, false],
    [-7, false],
    [7.1, true],
    [-7.1, true],
  ])("that went %d ms further within 10 s was set: %s", (driftMs, stepped) => {
    const measured = { before: links([0, 1]), after: links([driftMs, 1]), betweenSecs: 10 };
    expect(certifyClocks(measured)).toMatchObject([{ driftMs, stepped }]);
    expect(clockBoundMs(measured) === undefined).toBe(stepped);
  });

  test("that was read once tells no drift and no bound", () => {
    for (const once of [
      { before: links([1, 1]) },
      { before: links([1, 1]), after: unmeasured, betweenSecs: 2 },
    ]) {
      const [certificate] = certifyClocks(once);
      expect(certificate?.before).toEqual({ offsetMs: 1, errorMs: 1 });
      expect(certificate).not.toHaveProperty("driftMs");
      expect(clockBoundMs(once)).toBeUndefined();
    }
  });

  test("is missing for a host that was never read, and then nothing bounds them all", () => {
    const host1 = { name: "host1", clockOffsetMs: 1, clockErrorMs: 1 };
    const before = { ...unmeasured, hosts: [...unmeasured.hosts, host1] };
    const measured = { before, after: { hosts: [host1], pairs: [] }, betweenSecs: 1 };
    expect(certifyClocks(measured)).toMatchObject([{ host: "host1", boundMs: 2 }]);
    expect(clockBoundMs(measured)).toBeUndefined();
  });

  test("the widest of all hosts bounds them all", () => {
    const measured = { before: links([1, 1], [-9, 1]), after: links([1, 1], [-9, 1]), betweenSecs: 1 };
    expect(clockBoundMs(measured)).toBe(10);
    expect(clockBoundMs({})).toBeUndefined();
  });
});
