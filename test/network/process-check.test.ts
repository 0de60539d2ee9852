import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createProcessDeployer } from "../../src/network/process.ts";
import { deployerIn, idle, planSmallNodes } from "../support/small-network.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

describe("the check before a deployment", () => {
  test("finds nothing where all is well, and changes nothing", async () => {
    await using folder = await openTemporaryFolder();
    const deployer = deployerIn(join(folder.path, "not", "yet"));
    expect(await deployer.check(planSmallNodes(4), idle)).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("names all that is wrong at once, a line each", async () => {
    await using folder = await openTemporaryFolder();
    const inTheWay = join(folder.path, "file");
    await writeFile(inTheWay, "");
    const deployer = createProcessDeployer({
      nodeBinary: "/no/node",
      stateDir: join(inTheWay, "state"),
      env: {},
    });
    const plan = planSmallNodes(8000);
    const groups = plan.groups.map((group) => ({
      ...group,
      program: { ...group.program, entry: "gone.js" },
    }));
    const faults = await deployer.check({ ...plan, groups }, idle);
    expect(faults.map(({ code }) => code)).toEqual([
      "program-missing",
      "node-missing",
      "state-not-writable",
      "no-free-ports",
    ]);
    for (const { message } of faults) expect(message).not.toContain("\n");
    expect(faults[0]?.message).toMatch(/gone\.js.*npm run build/);
  });
});
