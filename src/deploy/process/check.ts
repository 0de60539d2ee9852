import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import {
  ConfigurationError,
  type Diagnostic,
  describeError,
  InvalidArgumentError,
  systemCode,
} from "../../core/errors.ts";
import { orderGroups } from "../nodes/exports.ts";
import { checkFixedPorts } from "../nodes/fixed-ports.ts";
import { checkForeignProgram, listForeignPrograms } from "../nodes/foreign-programs.ts";
import { listPlannedNodes } from "../nodes/planned.ts";
import { findFreePorts, NoFreePortsError } from "../nodes/ports.ts";
import { countFreePorts } from "./addresses.ts";
import { checkLifeLine, type LifeLineKind } from "./life-line.ts";

/** Everything that would keep a plan's nodes from being started as processes; changes nothing. */
export async function checkProcesses(
  plan: DeploymentPlan,
  deployer: {
    readonly nodeBinary: string;
    readonly stateDir: string;
    readonly host: string;
    readonly lifeLine: LifeLineKind;
  },
): Promise<Diagnostic[]> {
  const entries = new Set(
    plan.groups.flatMap(({ program }) =>
      program.kind === "node-program" ? [join(program.root, program.entry)] : [],
    ),
  );
  const foreign = listForeignPrograms(plan);
  const needsNode = entries.size > 0 || (foreign.length > 0 && deployer.lifeLine === "keeper");
  const diagnostics = await Promise.all([
    ...[...entries].map((entry) =>
      check(
        "program-missing",
        async () => {
          if (!(await stat(entry)).isFile()) throw new InvalidArgumentError("not a file");
        },
        `Cannot read the node program ${entry}. Build the project (npm run build)`,
      ),
    ),
    ...foreign.map(checkForeignProgram),
    ...(foreign.length > 0 ? [checkLifeLine(deployer.lifeLine)] : []),
    ...(needsNode ? [checkNode(deployer.nodeBinary)] : []),
    checkStateFolder(deployer.stateDir),
    findFreePorts(countFreePorts(listPlannedNodes(plan)), deployer.host).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof NoFreePortsError) return { code: error.code, message: error.message };
        throw error;
      },
    ),
  ]);
  const clashes = await checkFixedPorts(plan, deployer.host);
  return [...diagnostics.filter((diagnostic) => diagnostic !== undefined), ...clashes, ...checkOrder(plan)];
}

/** Why this user's state cannot be kept there; changes nothing. */
export function checkStateFolder(stateDir: string): Promise<Diagnostic | undefined> {
  return check(
    "state-not-writable",
    () => checkWritable(resolve(stateDir)),
    `Cannot write to the state folder ${stateDir}. Make it writable or set XDG_STATE_HOME`,
  );
}

function checkOrder(plan: DeploymentPlan): readonly Diagnostic[] {
  try {
    orderGroups(plan);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.diagnostics;
    throw error;
  }
}

function checkNode(nodeBinary: string): Promise<Diagnostic | undefined> {
  return check(
    "node-missing",
    () => access(nodeBinary, constants.X_OK),
    `Cannot execute Node.js at ${nodeBinary}`,
  );
}

async function check(
  code: ErrorCode,
  attempt: () => Promise<void>,
  message: string,
): Promise<Diagnostic | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return { code, message: `${message}: ${describeError(error)}` };
  }
}

/**
 * Whether the folder, or where it is still to be made the nearest one above it, can be written to.
 *
 * @throws the system's error where it cannot
 */
export async function checkWritable(folder: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new InvalidArgumentError(`${folder} is not a folder`);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    await checkWritable(dirname(folder));
  }
}
