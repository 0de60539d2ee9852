import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { DeploymentPlan, ForeignProgram } from "../contracts/deployment.ts";
import { describeError, type Fault, InvalidArgumentError, systemCode } from "../core/errors.ts";
import { listPlannedNodes } from "./plan-nodes.ts";
import { findFreePorts, NoFreePortsError } from "./ports.ts";

/** Everything that would keep a plan's nodes from being started as processes; changes nothing. */
export async function checkProcesses(
  plan: DeploymentPlan,
  deployer: { readonly nodeBinary: string; readonly stateDir: string; readonly host: string },
): Promise<Fault[]> {
  const nodes = listPlannedNodes(plan);
  const programs = plan.groups.map(({ program }) => program);
  const entries = new Set(
    programs.flatMap((each) => (each.kind === "node-program" ? [join(each.root, each.entry)] : [])),
  );
  const foreign = new Map(
    programs.flatMap((each) => (each.kind === "foreign-program" ? [[each.name, each] as const] : [])),
  );
  const faults = await Promise.all([
    ...[...entries].map((entry) =>
      check(
        "program-missing",
        async () => {
          if (!(await stat(entry)).isFile()) throw new InvalidArgumentError("not a file");
        },
        `Cannot read the node program ${entry}. Build the project (npm run build)`,
      ),
    ),
    ...[...foreign.values()].map(checkForeign),
    check(
      "node-missing",
      () => access(deployer.nodeBinary, constants.X_OK),
      `Cannot execute Node.js at ${deployer.nodeBinary}`,
    ),
    check(
      "state-not-writable",
      () => checkWritable(resolve(deployer.stateDir)),
      `Cannot write to the state folder ${deployer.stateDir}. Make it writable or set XDG_STATE_HOME`,
    ),
    findFreePorts(
      nodes.reduce((sum, { group }) => sum + group.planes.length, 0),
      deployer.host,
    ).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof NoFreePortsError) return { code: error.code, message: error.message };
        throw error;
      },
    ),
  ]);
  return faults.filter((fault) => fault !== undefined);
}

async function checkForeign({ name, path, remedy }: ForeignProgram): Promise<Fault | undefined> {
  if (path === undefined) {
    const message = `Plain processes of ${name} need its program: name it with --node-binary. ${remedy}`;
    return { code: "program-missing", message };
  }
  const attempt = async () => {
    if (!(await stat(path)).isFile()) throw new InvalidArgumentError("not a file");
    await access(path, constants.X_OK);
  };
  return check("program-missing", attempt, `Cannot execute ${path} as ${name}. ${remedy}`);
}

async function check(
  code: string,
  attempt: () => Promise<void>,
  message: string,
): Promise<Fault | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return { code, message: `${message}: ${describeError(error)}` };
  }
}

/** The folder, or where it is still to be made the nearest one above it, can be written to. */
async function checkWritable(folder: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new InvalidArgumentError(`${folder} is not a folder`);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    await checkWritable(dirname(folder));
  }
}
