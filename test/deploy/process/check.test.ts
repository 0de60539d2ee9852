import { once } from "node:events";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeploymentPlan, ForeignProgram } from "../../../src/contracts/deployment.ts";
import { findFreeRange } from "../../../src/deploy/nodes/ports.ts";
import { createProcessDeployer } from "../../../src/deploy/process/deployer.ts";
import { checkLifeLine } from "../../../src/deploy/process/life-line.ts";
import { deployerIn, idle, planSmallNodes } from "../../support/small-network.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

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
    const diagnostics = await deployer.check({ ...plan, groups }, idle);
    expect(diagnostics.map(({ code }) => code)).toEqual([
      "program-missing",
      "node-missing",
      "state-not-writable",
      "no-free-ports",
    ]);
    for (const { message } of diagnostics) expect(message).not.toContain("\n");
    expect(diagnostics[0]?.message).toMatch(/gone\.js.*npm run build/);
  });
});

describe("the check of ports that nodes are moved to", () => {
  test("names those that others have, with their holders, and where ranges meet or end", async () => {
    await using folder = await openTemporaryFolder();
    const first = (await findFreeRange(4, "127.0.0.1", 20_000)) ?? 0;
    const server = createServer().listen(first + 2, "127.0.0.1");
    await once(server, "listening");
    try {
      const check = async (rpc: number | undefined, metrics?: number) => {
        const deployer = createProcessDeployer({
          ...{ nodeBinary: process.execPath, stateDir: folder.path, env: {} },
          basePorts: { rpc, metrics },
        });
        return (await deployer.check(planSmallNodes(4), idle)).map(({ code, message }) => [code, message]);
      };
      expect(await check(first)).toEqual([
        [
          "port-conflict",
          expect.stringMatching(
            new RegExp(
              `^Port ${first + 2} is in use by .*\\(pid ${process.pid}\\), but it would be the rpc port of node2\\. End that process, or use other ports with --rpc-base-port\\.$`,
            ),
          ),
        ],
      ]);
      expect(await check(65_533)).toEqual([
        ["port-conflict", expect.stringContaining("node3 would need port 65536")],
      ]);
      expect(await check(undefined, 30_000)).toEqual([
        ["port-conflict", expect.stringContaining("no node of small has a port for metrics")],
      ]);
      expect(await findFreeRange(4, "127.0.0.1", first)).toBeGreaterThan(first + 2);
    } finally {
      server.close();
    }
  });
});

describe("the check of programs that were made elsewhere", () => {
  const planOf = (programs: readonly Partial<ForeignProgram>[]): DeploymentPlan => ({
    protocol: "foreign",
    groups: programs.map((program, index) => ({
      role: `role${index}`,
      count: 1,
      program: { kind: "foreign-program", name: `program${index}`, remedy: "Build it.", ...program },
      planes: ["rpc"],
      configure: () => ({ args: [], files: [] }),
    })),
  });

  test("finds nothing where all is well, and needs no Node.js", async () => {
    await using folder = await openTemporaryFolder();
    const deployer = createProcessDeployer({ nodeBinary: "/no/node", stateDir: folder.path, env: {} });
    expect(await deployer.check(planOf([{ path: "/bin/sh" }]), idle)).toEqual([]);
  });

  test("names all that is wrong at once, each with what to do", async () => {
    await using folder = await openTemporaryFolder();
    const plain = join(folder.path, "plain");
    await writeFile(plain, "#!/bin/sh\n", { mode: 0o644 });
    const text = join(folder.path, "text");
    await writeFile(text, "hello\n");
    await chmod(text, 0o755);
    const plan = planOf([
      {},
      { image: "cometbft/cometbft:v0.38.17" },
      { path: "/no/such/program" },
      { path: folder.path },
      { path: plain },
      { path: text },
    ]);
    const groups = plan.groups.map((group, index) =>
      index === 0 ? { ...group, startAfter: ["rol1"] } : group,
    );
    const diagnostics = await deployerIn(folder.path).check({ ...plan, groups }, idle);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      "Plain processes of program0 need its program: name it with --node-binary. Build it.",
      "Plain processes of program1 need its program, but only its image cometbft/cometbft:v0.38.17 is known: name it " +
        "with --node-binary. Build it.",
      "Cannot execute /no/such/program as program2: there is no such file. Build it.",
      `Cannot execute ${folder.path} as program3: it is not a file. Build it.`,
      `Cannot execute ${plain} as program4: this user may not execute it (chmod +x makes a file executable). Build it.`,
      `Cannot execute ${text} as program5: it is neither a program of this system nor a script that begins with #!. ` +
        "Build it.",
      "Nodes of role role0 start after rol1, but there is no such role. Did you mean role1?",
    ]);
  });

  test("tells of a setpriv that is not there", async () => {
    expect(await checkLifeLine("kernel", "/no/setpriv")).toMatchObject({
      code: "setpriv-missing",
      message: expect.stringMatching(/\/no\/setpriv not found.*\. Install util-linux/),
    });
    expect(await checkLifeLine("keeper", "/no/setpriv")).toBeUndefined();
  });
});
