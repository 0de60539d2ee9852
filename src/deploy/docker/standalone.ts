/** A committee as a folder from which compose starts it, without Baleen. */
import { homedir, userInfo } from "node:os";
import type { DeploymentPlan } from "../../contracts/deployment.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import type { ProcessFacts } from "../../core/process/environment.ts";
import { renderStandaloneFile } from "../containers/compose-file.ts";
import { describeStart, portInContainer, programKey } from "../containers/program.ts";
import { ensureImage, findProgramDiagnostics, imageUser } from "../images/image.ts";
import type { BasePorts } from "../nodes/base-ports.ts";
import { openExports } from "../nodes/stages.ts";
import { findDocker } from "./deployer.ts";
import { configure } from "./deployment.ts";
import { layOutOwnFile } from "./layout.ts";
import { findConflicts } from "./ports.ts";

export interface StandaloneRequest {
  readonly plan: DeploymentPlan;
  readonly basePorts: BasePorts;
  /** Of the compose file that is to be. */
  readonly path: string;
}

export interface StandaloneWatch {
  readonly signal: AbortSignal;
  /** Whose images these are while they are made. */
  readonly run: string;
  readonly onStep: (step: string, detail?: string) => void;
}

export type Standalone = Awaited<ReturnType<typeof makeStandalone>>;

/**
 * Makes the images and all that stands in the folder, keys too; writes nothing.
 *
 * @throws ConfigurationError with all that would keep compose from starting it
 */
export async function makeStandalone(
  { plan, basePorts, path }: StandaloneRequest,
  { env, nodeBinary }: Pick<ProcessFacts, "env" | "nodeBinary">,
  { signal, run, onStep }: StandaloneWatch,
) {
  const found = await findDocker({ env, home: homedir(), signal });
  if (!found.available) throw new ConfigurationError([found.diagnostic]);
  const { docker } = found;
  const layout = await layOutOwnFile(plan, basePorts);
  const programs = new Map(plan.groups.map(({ program }) => [programKey(program), program]));
  const diagnostics = [
    ...refuseStages(plan),
    ...(await findConflicts(docker.engine, layout, path)),
    ...(await findProgramDiagnostics(programs.values(), docker.version)),
  ];
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const images = new Map<string, string>();
  for (const [key, program] of programs) {
    const request = { nodeBinary, env: docker.env, run, onStep, signal, program };
    images.set(key, await ensureImage(docker.engine, request));
  }
  const { owner, user } = chooseUser((await docker.engine.info()).rootless);
  const exports = openExports(plan);
  const rpcNode = layout.nodes.find(({ group }) => group.planes.includes("rpc"));
  const nodes = layout.nodes.map((node, i) => {
    const { program } = node.group;
    const configuration = configure(layout, node, exports);
    const start = { ...describeStart(program, configuration), user };
    const service = { image: images.get(programKey(program)) ?? "", start, ports: layout.ports[i] ?? {} };
    return { ...node, files: configuration.files, service };
  });
  return {
    nodes: nodes.map(({ name, files, rpc, metrics }) => ({ name, files, rpc, metrics })),
    images: [...new Set(images.values())],
    /** None was named: a run puts files of its own into nodes of these images. */
    hasOwnImages: [...programs.values()].every(
      (program) => program.kind === "node-program" || program.image === undefined,
    ),
    /** In the containers. */
    rpcPort: rpcNode && portInContainer(rpcNode, "rpc"),
    /** The words that compose is called by. */
    compose: docker.compose.argv,
    /** To whom the nodes' folders go; undefined: they stay the caller's. */
    owner,
    render: (heading: string) =>
      renderStandaloneFile(
        nodes.map(({ service }) => service),
        heading,
      ),
  };
}

/** A compose file hands nothing on from one node to another. */
function refuseStages(plan: DeploymentPlan): Diagnostic[] {
  return plan.groups.flatMap(({ role, startAfter = [] }): Diagnostic[] => {
    if (startAfter.length === 0) return [];
    const message = `Nodes of role ${role} start after ${startAfter.join(", ")} and may need values from there, which compose cannot pass on. Run this system with baleen benchmark instead.`;
    return [{ code: "contradiction", message }];
  });
}

/** Who the nodes are: they must read keys that are nobody else's, and write beside them. */
function chooseUser(isRootless: boolean): { readonly user: string; readonly owner?: number } {
  const { uid, gid } = userInfo();
  // There root in a container is the user who runs the engine.
  if (isRootless) return { user: "0:0" };
  // No need for root, and on Windows there are no such numbers.
  if (uid <= 0) return { user: `${imageUser}:${imageUser}`, ...(uid === 0 && { owner: imageUser }) };
  return { user: `${uid}:${gid}` };
}
