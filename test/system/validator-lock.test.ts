import { once } from "node:events";
import { expect, test } from "vitest";
import { openProcesses, reach } from "../validator/processes.ts";

test("a home serves one process at a time; what a killed one left behind keeps nobody out", async () => {
  await using committee = await openProcesses(1);
  const first = committee.start(0);
  await reach([first], 1);
  const second = committee.start(0);
  const [code] = await once(second.child, "exit");
  expect(code).toBe(1);
  expect(second.output()).toMatch(
    new RegExp(
      `The home .*/node0 is in use: validator 0, process ${first.child.pid} \\(.*main\\.ts --home .*\\), since .*` +
        `Wait for it or stop it with: kill ${first.child.pid}`,
    ),
  );
  const ended = once(first.child, "exit");
  first.child.kill("SIGKILL");
  await ended;
  await reach([committee.start(0)], 1);
});
