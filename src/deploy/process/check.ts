import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import {
  type Diagnostic,
  describeError,
  diagnosticsOf,
  InvalidArgumentError,
  systemCode,
} from "../../core/errors.ts";
import { type BasePorts, checkBasePorts } from "../nodes/base-ports.ts";
import { checkFixedPorts, checkMovedPorts } from "../nodes/fixed-ports.ts";
import { checkForeignProgram, listForeignPrograms } from "../nodes/foreign-programs.ts";
import { checkOrder, listPlannedNodes } from "../nodes/planned.ts";
import { chooseAddresses } from "./addresses.ts";
import { checkLifeLine, type LifeLineKind } from "./life-line.ts";
import type { LinkWays } from "./link-ways.ts";
import { checkProcessLinks, sharesNetwork } from "./links.ts";

/** Everything that would keep a plan's nodes from being started as processes; changes nothing. */
export async function checkProcesses(
  plan: DeploymentPlan,
  {
    nodeBinary,
    stateDir,
    basePorts = {},
    chooseWay,
  }: {
    readonly nodeBinary: string;
    readonly stateDir: string;
    readonly basePorts?: BasePorts | undefined;
    readonly chooseWay: LinkWays;
  },
  host: string,
  lifeLine: LifeLineKind,
): Promise<Diagnostic[]> {
  const entries = new Set(
    plan.groups.flatMap(({ program }) =>
      program.kind === "node-program" ? [join(program.root, program.entry)] : [],
    ),
  );
  const foreign = listForeignPrograms(plan);
  const needsNode = entries.size > 0 || (foreign.length > 0 && lifeLine === "keeper");
  const diagnostics = await Promise.all([
    ...[...entries].map(checkEntry),
    ...foreign.map(checkForeignProgram),
    foreign.length > 0 ? checkLifeLine(lifeLine) : undefined,
    needsNode
      ? check(
          "node-missing",
          () => access(nodeBinary, constants.X_OK),
          `Cannot execute Node.js at ${nodeBinary}`,
        )
      : undefined,
    checkStateFolder(stateDir),
  ]);
  const found = diagnostics.filter((diagnostic) => diagnostic !== undefined);
  const ports = (await sharesNetwork(plan, chooseWay)) ? await checkSharedPorts(plan, host, basePorts) : [];
  return [...found, ...ports, ...checkOrder(plan), ...(await checkProcessLinks(plan, chooseWay))];
}

async function checkSharedPorts(
  plan: DeploymentPlan,
  host: string,
  bases: BasePorts,
): Promise<readonly Diagnostic[]> {
  const clashes = await checkFixedPorts(plan, host);
  return [...(await checkPorts(plan, host, bases)), ...clashes];
}

/** That there are enough free ones, and that those are free which a user wants. */
async function checkPorts(
  plan: DeploymentPlan,
  host: string,
  bases: BasePorts,
): Promise<readonly Diagnostic[]> {
  const impossible = checkBasePorts(plan, bases, ({ planes, ports }, plane) => {
    return planes.includes(plane) && ports?.[plane] === undefined;
  });
  if (impossible.length > 0) return impossible;
  try {
    await chooseAddresses(listPlannedNodes(plan), host, bases);
  } catch (error) {
    return diagnosticsOf(error);
  }
  return await checkMovedPorts(plan, host, bases);
}

function checkEntry(entry: string): Promise<Diagnostic | undefined> {
  const attempt = async () => {
    if (!(await stat(entry)).isFile()) throw new InvalidArgumentError("not a file");
  };
  return check(
    "program-missing",
    attempt,
    `Cannot read the node program ${entry} (build the project: npm run build)`,
  );
}

/** Why this user's state cannot be kept there; changes nothing. */
export function checkStateFolder(stateDir: string): Promise<Diagnostic | undefined> {
  return check(
    "state-not-writable",
    () => checkWritable(resolve(stateDir)),
    `Cannot write to the state folder ${stateDir} (make it writable, or set XDG_STATE_HOME)`,
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
