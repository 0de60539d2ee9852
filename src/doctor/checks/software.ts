/** This program, what runs it, and what earlier commands of it left. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunLeftovers } from "../../contracts/hosts/host-report.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { runCommand } from "../../core/process/command.ts";
import type { LockHolder } from "../../core/process/lock.ts";
import { removalCommand } from "../../deploy/engine/ownership.ts";
import { isOlder } from "../../deploy/provision/check.ts";
import type { Finding, Judgement } from "../run-checks.ts";

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

export function judgeNode({ version, least, platform, arch }: NodeFacts): Judgement {
  const summary = `${version}, ${platform} ${arch}`;
  const diagnostic = (code: ErrorCode, message: string) => [{ severity: "fault" as const, code, message }];
  if (platform !== "linux" && platform !== "darwin") {
    const message = `Baleen runs on Linux and macOS, but this is ${platform}. Use another machine.`;
    return { summary, findings: diagnostic("system", message) };
  }
  if (!isOlder(version, least)) return { summary, findings: [] };
  const message = `Node.js ${version} is older than ${least}. Install a current one: https://nodejs.org`;
  return { summary, findings: diagnostic("node-old", message) };
}

/** Whether what runs was made of the sources beside it; "packed": there are none. */
type BuildState = "current" | "stale" | "packed";

export function judgeBuild(state: BuildState, version: string): Judgement {
  if (state === "packed") return { summary: `${version}, an installed package`, findings: [] };
  if (state === "current") return { summary: `${version}, built from the sources here`, findings: [] };
  const message =
    "The sources here have changed since dist/ was built from them, and commands run dist/. Build again:";
  const finding = { severity: "warning", code: "build-stale", message, command: "npm run build" } as const;
  return { summary: `${version}, built from other sources`, findings: [finding] };
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

/** Of the things of one run so many are named. */
const namedThings = 4;

export function judgeLeftovers(runs: readonly RunLeftovers[], holder: LockHolder | undefined): Judgement {
  const left = runs.filter(({ inUse }) => !inUse);
  const findings: Finding[] = left.map(({ run, what }) => {
    const more = what.length > namedThings ? ` and ${what.length - namedThings} more` : "";
    const message = `Run ${run} left ${what.slice(0, namedThings).join(", ")}${more}. Remove it:`;
    return { severity: "warning", code: "leftovers", message, command: removalCommand(run) };
  });
  if (holder !== undefined) {
    const { run, pid, command: line, since } = holder;
    const message = `Run ${run} has been running on this machine since ${since} (process ${pid}: ${line}), so no other can start. Wait for it, or stop it:`;
    findings.push({ severity: "fault", code: "locked", message, command: `kill ${pid}` });
  }
  const many = left.length === 1 ? "1 run has" : `${left.length} runs have`;
  const summary = [
    left.length === 0 ? "nothing is left" : `${many} left something`,
    ...(holder === undefined ? [] : ["one is running"]),
  ].join(", ");
  return { summary, findings };
}
