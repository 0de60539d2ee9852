/** The Docker engine and the compose command of this machine. */

import type { ErrorCode } from "../../core/error-codes.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { formatArgv } from "../../core/process/command.ts";
import type { Compose } from "../../deploy/docker/compose.ts";
import type { EngineVersion } from "../../deploy/engine/types.ts";
import { isOlder, oldestDocker } from "../../deploy/provision/check.ts";
import { describeInstallation } from "../../deploy/provision/packages.ts";
import { describeStart } from "../../deploy/provision/start-engine.ts";
import type { HostFacts } from "../../deploy/provision/survey/facts.ts";
import type { Finding, Judgement, Severity } from "../run-checks.ts";

export type DockerNeed = "needed" | "preferred" | "unused";

const severities: Readonly<Record<DockerNeed, Severity | undefined>> = {
  needed: "fault",
  preferred: "warning",
  unused: undefined,
};

export type EngineLook =
  | {
      readonly state: "absent";
      readonly diagnostic: Diagnostic;
      /** Its address was given by DOCKER_HOST. */
      readonly isNamed: boolean;
    }
  | {
      readonly state: "answers";
      /** Address, and where that was found. */
      readonly description: string;
      readonly version: EngineVersion;
      readonly rootless: boolean;
    };

/** What is known of this machine, for the command that mends it; undefined: nothing. */
export type MachineFacts = HostFacts | undefined;

const unneeded: Judgement = { summary: "none; --runtime process does not need one", findings: [] };

export function judgeEngine(look: EngineLook, need: DockerNeed, facts: MachineFacts): Judgement {
  const severity = severities[need];
  if (look.state === "absent") {
    if (severity === undefined) return unneeded;
    const finding = { severity, ...look.diagnostic, command: mendEngine(look, facts) };
    return { summary: "no usable engine", findings: [finding] };
  }
  const { version, os, arch } = look.version;
  const findings: Finding[] = [];
  if (severity !== undefined && isOlder(version, oldestDocker)) {
    const message = `Docker ${version} is older than ${oldestDocker}. Upgrade it: https://docs.docker.com/engine/install/`;
    findings.push({ severity, code: "docker-old", message });
  }
  if (severity !== undefined && look.rootless) {
    const message =
      "Docker runs without root: published ports go through a proxy in user space, which costs throughput. Use an engine that runs as root, or --runtime process.";
    findings.push({ severity: "warning", code: "docker-rootless", message });
  }
  return { summary: `${version}, ${os}/${arch}, at ${look.description}`, findings };
}

const mends: Readonly<Partial<Record<ErrorCode, string>>> = {
  "docker-permission": 'sudo usermod -aG docker "$USER"',
  "docker-engine-remote": "unset DOCKER_HOST DOCKER_CONTEXT",
  "docker-host-invalid": "unset DOCKER_HOST DOCKER_CONTEXT",
  "docker-context": "docker context use default",
};

/** What brings an engine back, where one command does. */
function mendEngine(
  { diagnostic: { code }, isNamed }: Extract<EngineLook, { readonly state: "absent" }>,
  facts: MachineFacts,
): string | undefined {
  if (code !== "docker-unreachable") return mends[code];
  return isNamed ? "unset DOCKER_HOST" : facts && startOrInstall(facts);
}

function startOrInstall(facts: HostFacts): string | undefined {
  if (facts.kernelName === "Darwin") return "open -a Docker";
  if (facts.docker.enginePath !== undefined) return byRoot(describeStart(facts), facts);
  const argv = describeInstallation(facts);
  return argv && byRoot(argv, facts);
}

export function byRoot(argv: readonly string[], facts: MachineFacts): string {
  return formatArgv(facts?.sudo === "root" ? argv : ["sudo", ...argv]);
}

/** The compose command, or why there is none. */
export type ComposeLook = Pick<Compose, "argv" | "version"> | Diagnostic;

export function judgeCompose(look: ComposeLook, need: DockerNeed, facts: MachineFacts): Judgement {
  if (!("code" in look)) {
    return { summary: `${look.version}, as ${formatArgv(look.argv)}`, findings: [] };
  }
  const severity = severities[need];
  if (severity === undefined) return unneeded;
  const command =
    facts?.packageTool === "apt" ? byRoot(["apt-get", "install", "-y", "docker-compose"], facts) : undefined;
  return { summary: "neither v2 nor v1 found", findings: [{ severity, ...look, command }] };
}
