import { cpus, hostname, release, totalmem, type } from "node:os";

/** Facts about the machine and the versions that a result was made with. */
export interface EnvironmentRequest {
  readonly toolVersion: string;
  /** Commit of this tool's checkout, where it is one. */
  readonly toolCommit: string | undefined;
  readonly nodeVersion: string;
  /** What the network says of itself: engine, compose, images. */
  readonly network: Record<string, unknown>;
}

/** Plain facts for environment.json. */
export function describeEnvironment(request: EnvironmentRequest): Record<string, unknown> {
  const processors = cpus();
  return {
    tool: { name: "baleen", version: request.toolVersion, commit: request.toolCommit ?? null, node: request.nodeVersion },
    coordinator: {
      hostname: hostname(),
      system: type(),
      kernel: release(),
      cpu_model: processors[0]?.model ?? "unknown",
      cpu_count: processors.length,
      memory_bytes: totalmem(),
    },
    network: request.network,
  };
}
