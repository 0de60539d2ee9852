/** This program and what runs it. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../core/error-codes.ts";
import { runCommand } from "../../core/process/command.ts";
import { isOlder } from "../../deploy/provision/check.ts";
import type { Diagnosis } from "./diagnosis.ts";

export interface NodeFacts {
  /** "24.21.0". */
  readonly version: string;
  /** The first version that will do: "22.19". */
  readonly least: string;
  /** As Node.js names it: "linux". */
  readonly platform: string;
  /** As Node.js names it: "x64". */
  readonly arch: string;
}

export function judgeNode({ version, least, platform, arch }: NodeFacts): Diagnosis {
  const name = "Node.js";
  const summary = `${version}, ${platform} ${arch}`;
  const diagnostic = (code: ErrorCode, message: string) => [{ severity: "fault" as const, code, message }];
  if (platform !== "linux" && platform !== "darwin") {
    const message = `This program runs on Linux and macOS, and this is ${platform}. Use another machine.`;
    return { name, summary, findings: diagnostic("system", message) };
  }
  if (!isOlder(version, least)) return { name, summary, findings: [] };
  const message = `Node.js ${version} is older than ${least}. Install a current one: https://nodejs.org`;
  return { name, summary, findings: diagnostic("node-old", message) };
}

/** Whether what runs was made of the sources beside it; "packed": there are none. */
export type BuildState = "current" | "stale" | "packed";

export function judgeBuild(state: BuildState, version: string): Diagnosis {
  const name = "Build";
  if (state === "packed") return { name, summary: `${version}, an installed package`, findings: [] };
  if (state === "current") return { name, summary: `${version}, made of the sources here`, findings: [] };
  const message =
    "The sources here have changed since dist/ was made of them, and commands run what is there.";
  const finding = { severity: "warning", code: "build-stale", message, command: "npm run build" } as const;
  return { name, summary: `${version}, made of other sources`, findings: [finding] };
}

const buildTimeoutMs = 20_000;

/** @param root folder of the package; @param nodeBinary absolute path */
export async function readBuild(root: string, nodeBinary: string, signal: AbortSignal): Promise<BuildState> {
  const script = join(root, "scripts", "build.mjs");
  if (!existsSync(script)) return "packed";
  const options = { timeoutMs: buildTimeoutMs, signal, allowFailure: true };
  const { exitCode } = await runCommand([nodeBinary, script, "--check"], options);
  return exitCode === 0 ? "current" : "stale";
}
