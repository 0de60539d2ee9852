import { cpus, hostname, release, totalmem, type } from "node:os";
import type { Calibration } from "../../contracts/results/calibration.ts";

/** The program that measured. */
export interface ToolFacts {
  readonly version: string;
  /** Commit of its checkout, where it is one. */
  readonly commit?: string | undefined;
  /** Version of the Node.js that ran it. */
  readonly node: string;
}

/**
 * Facts about the machine and the versions that a result was made with, for environment.json.
 *
 * @param network what the network says of itself: engine, compose, images
 */
export function describeEnvironment(
  tool: ToolFacts | undefined,
  network: Record<string, unknown>,
): Calibration["environment"] & { readonly network: Record<string, unknown> } {
  const processors = cpus();
  return {
    ...(tool === undefined ? {} : { tool: { name: "baleen", ...tool } }),
    coordinator: {
      hostname: hostname(),
      system: type(),
      kernel: release(),
      cpu_model: processors[0]?.model ?? "unknown",
      cpu_count: processors.length,
      memory_bytes: totalmem(),
    },
    network,
  };
}
