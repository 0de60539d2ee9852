import type { Deployer, DeploymentPlan } from "../../contracts/deployment.ts";
import { type Diagnostic, diagnosticsOf } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { traceDecision } from "../../core/trace.ts";
import { portInContainer } from "../containers/program.ts";
import { engineEnvironment, resolveEngine } from "../engine/endpoint.ts";
import { openEngine } from "../engine/engine.ts";
import { removeLeftovers } from "../engine/ownership.ts";
import { findProgramDiagnostics } from "../images/image.ts";
import { explainCause } from "../images/install.ts";
import { checkContainerPorts } from "../nodes/fixed-ports.ts";
import { orderGroups } from "../nodes/planned.ts";
import { findCompose } from "./compose.ts";
import { deployLayout } from "./deployment.ts";
import { readLayout } from "./layout.ts";
import { checkDockerLinks } from "./links.ts";
import type { DockerDeployerOptions, DockerTools } from "./network.ts";
import { findConflicts } from "./ports.ts";

export type { DockerDeployerOptions, DockerTools } from "./network.ts";

/** Whether containers can be run on this machine. */
export type DockerProbe =
  | { readonly available: true; readonly docker: DockerTools }
  | ReturnType<typeof refuse>;

const refuse = (diagnostic: Diagnostic) =>
  ({ available: false, reason: diagnostic.message, diagnostic }) as const;

export interface DockerSearch {
  readonly env: Environment;
  readonly home: string;
  readonly signal: AbortSignal;
}

/** Looks for an engine that answers, and a compose command. Rejects only with the signal's reason. */
export async function findDocker(search: DockerSearch): Promise<DockerProbe> {
  const found = await findEngine(search);
  if (!found.available) return found;
  const { available, ...tools } = found;
  const compose = await findCompose(tools.env, search.signal);
  return "code" in compose ? refuse(compose) : { available, docker: { ...tools, compose } };
}

/** Looks for an engine of this machine that answers, for Linux containers, without a compose command. */
export async function findEngine(search: Omit<DockerSearch, "signal">) {
  try {
    const address = await resolveEngine(search);
    const engine = await openEngine(address);
    const version = await engine.version();
    traceDecision("Docker engine", engine.description, `version ${version.version}`);
    if (version.os !== "linux") {
      const message = `The Docker engine at ${engine.description} runs ${version.os} containers. Switch it to Linux containers, or use --runtime process.`;
      return refuse({ code: "docker-os", message });
    }
    const env: Environment = { ...search.env, ...engineEnvironment(address) };
    return { available: true as const, engine, version, env };
  } catch (error) {
    const [diagnostic] = diagnosticsOf(error);
    if (diagnostic === undefined) throw error;
    return refuse(diagnostic);
  }
}

/** Runs the nodes of a plan as containers, by compose, on the engine of this machine. */
export function createDockerDeployer(deployer: DockerDeployerOptions): Deployer {
  const { engine, compose, version } = deployer.docker;
  const { composePath, rpcPort, basePorts } = deployer;
  const read = (plan: DeploymentPlan, signal: AbortSignal) =>
    readLayout(plan, { compose, composePath, rpcPort, basePorts, signal });
  return {
    runtime: "docker",
    check: async (plan, signal) => {
      try {
        const ports = checkContainerPorts(plan, portInContainer);
        const conflicts = await read(plan, signal).then(
          (layout) => findConflicts(engine, layout),
          diagnosticsOf,
        );
        signal.throwIfAborted();
        orderGroups(plan);
        const programs = new Set(plan.groups.map(({ program }) => program));
        return [
          ...ports,
          ...conflicts,
          ...(await findProgramDiagnostics(programs, version)),
          ...checkDockerLinks(plan.links, version),
        ];
      } catch (error) {
        signal.throwIfAborted();
        return diagnosticsOf(error);
      }
    },
    deploy: async (plan, options) => {
      const layout = await read(plan, options.signal);
      try {
        return await deployLayout({ deployer, plan, layout, options });
      } catch (error) {
        await removeLeftovers(engine, options.run, { volumes: true }).catch((failure: unknown) => {
          options.emit({ type: "warning", message: explainCause(failure) });
        });
        throw options.signal.aborted ? options.signal.reason : error;
      }
    },
  };
}
