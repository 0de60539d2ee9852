import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runInUserModeLinux, whyNoUserModeLinux } from "../support/user-mode-linux.ts";

const trial = fileURLToPath(new URL("netem-trial.ts", import.meta.url));
const modules = ["sch_netem", "sch_htb", "cls_u32", "veth"];

test.skipIf(whyNoUserModeLinux !== undefined)(
  `where the kernel has netem, the shaper uses it ${whyNoUserModeLinux ?? ""}`,
  { timeout: 180_000 },
  async () => {
    const said = await runInUserModeLinux([execPath, trial], { modules, timeoutMs: 150_000 });
    const line = said.split("\n").find((one) => one.startsWith("RESULT "));
    const result = JSON.parse(line?.slice("RESULT ".length) ?? expect.fail(said));
    expect(result.mechanism).toBe("netem");
    expect(result.delayed).toMatchObject({ sent: 100, received: 100 });
    // That kernel runs Node.js several times slower than this one.
    for (const [{ medianMs }, askedMs] of [
      [result.delayed, 25],
      [result.slower, 60],
    ]) {
      expect(medianMs).toBeGreaterThan(askedMs - 1);
      expect(medianMs).toBeLessThan(askedMs + 5);
    }
    // 2000 packets, 10 %: five standard deviations are 67.
    expect(result.lossy.received).toBeGreaterThan(1733);
    expect(result.lossy.received).toBeLessThan(1867);
    expect(result.cut.received).toBe(0);
    expect(result.goodputBps).toBeGreaterThan(850_000);
    expect(result.goodputBps).toBeLessThan(1_000_000);
    expect(result.left).not.toContain("netem");
  },
);
