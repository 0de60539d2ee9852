import { homedir } from "node:os";
import type { SweepParameters } from "../contracts/parameters.ts";
import { readBounded } from "../core/documents/read-bounded.ts";
import type { Diagnostic } from "../core/errors.ts";
import type { Environment } from "../core/process/environment.ts";
import { traceDecision } from "../core/trace.ts";
import type { ChosenDeployer, SweepContext } from "./chosen-deployer.ts";
import { nodeLabel } from "./containers/compose-file.ts";
import { parseComposeModel } from "./docker/compose-services.ts";
import { createDockerDeployer, findDocker } from "./docker/deployer.ts";
import { checkComposeFile } from "./docker/layout.ts";
import { basePortsOf } from "./nodes/base-ports.ts";
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

/**
 * ./docker-compose.yml, where it is about nodes. Any folder may have one that starts something else: only its label
 * says that it is meant.
 *
 * @param passOver told of one that is not
 */
export async function findOwnComposeFile(
  passOver: (message: string) => void,
  path = "./docker-compose.yml",
): Promise<string | undefined> {
  const text = await readBounded(path).then(String, () => undefined);
  if (text === undefined || carriesLabel(text)) return text === undefined ? undefined : path;
  passOver(
    `${path} is not used: no service in it has the label ${nodeLabel}. To use it, name it with --docker-compose-path.`,
  );
  return undefined;
}

function carriesLabel(text: string): boolean {
  try {
    return parseComposeModel(text).services.some(({ labels }) => labels[nodeLabel] !== undefined);
  } catch {
    // What is wrong with one that is meant is told when it is read.
    return text.includes(nodeLabel);
  }
}

/** Containers where they are asked for or an engine answers, else plain processes. */
export async function chooseLocalDeployer(
  { parameters, env, nodeBinary, stateDir, nodeEnv }: LocalNodes & { readonly parameters: SweepParameters },
  { warn }: Pick<SweepContext, "warn">,
  signal: AbortSignal,
): Promise<ChosenDeployer> {
  const { runtime, dockerComposePath, rpcPort } = parameters;
  const basePorts = basePortsOf(parameters);
  const processes = () => createProcessDeployer({ nodeBinary, stateDir, env: nodeEnv, basePorts });
  if (runtime === "process") {
    traceDecision("runtime", "process", "--runtime");
    const unused = dockerComposePath === undefined ? [] : [composePathUnused];
    return { deployer: processes(), diagnostics: [...unused, ...plainRpcDiagnostics(parameters)] };
  }
  const found = await findDocker({ env, home: homedir(), signal });
  if (found.available) {
    traceDecision("runtime", "docker", runtime === "docker" ? "--runtime" : "a Docker engine answers");
    const composePath = dockerComposePath ?? (await findOwnComposeFile(warn));
    const { docker } = found;
    const deployer = createDockerDeployer({ docker, composePath, rpcPort, basePorts, nodeBinary });
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
