import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { SweepParameters } from "../contracts/parameters.ts";
import type { Diagnostic } from "../core/errors.ts";
import type { Environment } from "../core/process/environment.ts";
import { traceDecision } from "../core/trace.ts";
import type { ChosenDeployer } from "./chosen-deployer.ts";
import { createDockerDeployer, findDocker } from "./docker/deployer.ts";
import { checkComposeFile } from "./docker/layout.ts";
import { createProcessDeployer, type ProcessDeployerOptions } from "./process/deployer.ts";
import { plainRpcDiagnostics } from "./rpc-tls.ts";

/** What nodes on this machine are started with. */
export interface LocalNodes extends Pick<ProcessDeployerOptions, "nodeBinary" | "stateDir"> {
  /** Where the engine is looked for. */
  readonly env: Environment;
  /** The environment of nodes that are processes. */
  readonly nodeEnv: Environment;
}

const composePathUnused: Diagnostic = {
  code: "contradiction",
  message:
    "--docker-compose-path and --runtime process exclude each other: plain processes do not use a compose file. Remove one of them.",
};

/** ./docker-compose.yml, where there is one. */
export function ownComposeFile(): string | undefined {
  const path = "./docker-compose.yml";
  return existsSync(path) ? path : undefined;
}

/** Containers where they are asked for or an engine answers, else plain processes. */
export async function chooseLocalDeployer(
  parameters: SweepParameters,
  { env, nodeBinary, stateDir, nodeEnv }: LocalNodes,
  signal: AbortSignal,
): Promise<ChosenDeployer> {
  const { runtime, dockerComposePath, rpcPort } = parameters;
  const processes = () => createProcessDeployer({ nodeBinary, stateDir, env: nodeEnv });
  if (runtime === "process") {
    traceDecision("runtime", "process", "--runtime");
    const unused = dockerComposePath === undefined ? [] : [composePathUnused];
    return { deployer: processes(), diagnostics: [...unused, ...plainRpcDiagnostics(parameters)] };
  }
  const found = await findDocker({ env, home: homedir(), signal });
  if (found.available) {
    traceDecision("runtime", "docker", runtime === "docker" ? "--runtime" : "a Docker engine answers");
    const composePath = dockerComposePath ?? ownComposeFile();
    const deployer = createDockerDeployer({ docker: found.docker, composePath, rpcPort, nodeBinary });
    return { deployer, diagnostics: plainRpcDiagnostics(parameters, composePath) };
  }
  if (runtime === "docker" || dockerComposePath !== undefined) {
    const unreadable =
      dockerComposePath === undefined ? undefined : await checkComposeFile(dockerComposePath);
    return { diagnostics: [found.diagnostic, unreadable].filter((each) => each !== undefined) };
  }
  traceDecision("runtime", "process", found.reason);
  return { deployer: processes(), reason: found.reason, diagnostics: plainRpcDiagnostics(parameters) };
}
