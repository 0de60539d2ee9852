/** Programs that were made elsewhere, as files of this machine. */
import { access, constants, stat } from "node:fs/promises";
import type { DeploymentPlan, ForeignProgram } from "../../contracts/deployment.ts";
import { type Diagnostic, describeError, InvalidArgumentError, systemCode } from "../../core/errors.ts";
import { hashFile } from "../images/node-runtime.ts";
import { findFormatDiagnostic } from "./executable.ts";

export function listForeignPrograms(plan: Pick<DeploymentPlan, "groups">): ForeignProgram[] {
  const programs = plan.groups.flatMap(({ program }) =>
    program.kind === "foreign-program" ? [program] : [],
  );
  return [...new Map(programs.map((each) => [`${each.name}\n${each.path}`, each])).values()];
}

/** Why a program cannot be started as a plain process. */
export async function checkForeignProgram(program: ForeignProgram): Promise<Diagnostic | undefined> {
  const { name, path, image, remedy } = program;
  if (path === undefined) {
    const known = image === undefined ? "" : `, and only its image ${image} is known`;
    const message = `Plain processes of ${name} need its program${known}: name it with --node-binary. ${remedy}`;
    return { code: "program-missing", message };
  }
  try {
    if (!(await stat(path)).isFile()) throw new InvalidArgumentError("it is not a file");
    await access(path, constants.X_OK);
    const wrong = await findFormatDiagnostic(path);
    if (wrong !== undefined) throw new InvalidArgumentError(wrong);
    return undefined;
  } catch (error) {
    const message = `Cannot execute ${path} as ${name}: ${whyNot(error)}. ${remedy}`;
    return { code: "program-missing", message };
  }
}

function whyNot(error: unknown): string {
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such file";
    case "EACCES":
      return "this user may not execute it (chmod +x makes a file executable)";
    default:
      return describeError(error);
  }
}

/** Path, SHA-256 and size of each foreign program of a plan, by its name, for environment.json. */
export async function describeForeignPrograms(
  plan: Pick<DeploymentPlan, "groups">,
): Promise<Record<string, Record<string, unknown>>> {
  const rows = await Promise.all(
    listForeignPrograms(plan).map(async ({ name, path }) => [name, await describeFile(path)] as const),
  );
  return Object.fromEntries(rows);
}

async function describeFile(path: string | undefined): Promise<Record<string, unknown>> {
  if (path === undefined) return {};
  try {
    return { path, sha256: await hashFile(path), sizeBytes: (await stat(path)).size };
  } catch (error) {
    // It may have been replaced or removed since it was started: the results are no worse for it.
    return { path, unreadable: describeError(error) };
  }
}
