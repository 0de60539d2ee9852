import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { measureClock } from "../../../src/deploy/provision/clock.ts";
import { openLocalHost } from "../../support/local-host.ts";
import { eventually } from "../../support/processes.ts";
import { openStandInHost } from "./stand-in-host.ts";

const { signal } = new AbortController();

/** The two clocks that are compared here, the system's and the monotonic one, may drift apart by that meanwhile. */
const slackMs = 0.1;

describe("a host's clock", () => {
  test("is this machine's where the host is this machine", async () => {
    await using host = openLocalHost();
    const measured = await measureClock(host, { clock: systemClock, signal });
    expect(measured?.rttMs).toBeGreaterThan(0);
    expect(measured?.errorMs).toBe((measured?.rttMs ?? 0) / 2 + 0.5);
    expect(Math.abs(measured?.offsetMs ?? Number.NaN)).toBeLessThanOrEqual(
      (measured?.errorMs ?? 0) + slackMs,
    );
  });

  test.each([90_000, -90_000])(
    "is off by what this machine's is, %d ms, with the sign turned",
    async (ms) => {
      await using host = openLocalHost();
      const clock: Clock = { ...systemClock, wallMs: () => systemClock.wallMs() - ms };
      const measured = await measureClock(host, { clock, signal });
      expect(Math.abs((measured?.offsetMs ?? 0) - ms)).toBeLessThanOrEqual(
        (measured?.errorMs ?? 0) + slackMs,
      );
    },
  );

  test.each([
    ["its date leaves %N as it is", "echo 1795283489%N"],
    ["its date knows seconds only", "echo 1795283489"],
    ["it has no date", "exit 127"],
  ])("is not known where %s", async (_, body) => {
    await using standIn = await openStandInHost({ user: "root" });
    await standIn.remove("date");
    await standIn.command("date", body);
    expect(await measureClock(standIn.host, { clock: systemClock, signal })).toBeUndefined();
  });

  test("is not waited for when that is given up", async () => {
    await using standIn = await openStandInHost({ user: "root" });
    await standIn.remove("date");
    await standIn.command("date", "exec sleep 1000");
    const enough = new AbortController();
    const answer = measureClock(standIn.host, { clock: systemClock, signal: enough.signal });
    await eventually("the question", async () =>
      (await standIn.calls()).find((call) => call.startsWith("date")),
    );
    const reason = new Error("enough");
    enough.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });

  test("is not measured when that is given up", async () => {
    await using host = openLocalHost();
    const reason = new Error("enough");
    await expect(measureClock(host, { clock: systemClock, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});
