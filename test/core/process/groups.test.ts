import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { membersOf, readGroup } from "../../../src/core/process/groups.ts";

test.runIf(process.platform === "linux")("a group is its leader and all that it has started", async () => {
  // Longer than the test takes, which ends them.
  const shell = spawn("sh", ["-c", "sleep 60 & sleep 60; wait"], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const { pid = 0 } = shell;
  try {
    await vi.waitFor(async () => expect(await membersOf(pid)).toHaveLength(3), { timeout: 5000 });
    const used = await readGroup(pid);
    expect(used?.memoryBytes).toBeGreaterThan(100_000);
    expect(used?.threads).toBe(3);
  } finally {
    process.kill(-pid, "SIGKILL");
    await once(shell, "exit");
  }
  await vi.waitFor(async () => expect(await readGroup(pid)).toBeUndefined(), { timeout: 5000 });
});
