import { expect, test } from "vitest";
import type { ErrorCode } from "../../../src/core/error-codes.ts";
import type { HostFacts } from "../../../src/deploy/provision/survey/facts.ts";
import {
  type DockerNeed,
  type EngineLook,
  judgeCompose,
  judgeEngine,
} from "../../../src/doctor/checks/docker.ts";
import { noDocker, readyDocker, readyHost } from "../../deploy/provision/facts.ts";

const version = { version: "28.2.2", apiVersion: "1.50", os: "linux", arch: "amd64" };
const answers: EngineLook = { state: "answers", description: "unix:///s", version, rootless: false };
const absent = (code: ErrorCode, isNamed = false): EngineLook => ({
  state: "absent",
  diagnostic: { code, message: "None." },
  isNamed,
});
const bare: HostFacts = { ...readyHost, docker: noDocker };
const stopped: HostFacts = { ...readyHost, docker: { ...readyDocker, engine: undefined } };
const mac: HostFacts = { ...bare, kernelName: "Darwin", packageTool: "none" };
const down = absent("docker-unreachable");

type Case = readonly [EngineLook, DockerNeed, HostFacts | undefined];

test.each<[string, string, Case]>([
  ["one that answers", "", [answers, "needed", bare]],
  ["none, and it is needed", "fault docker-unreachable -", [down, "needed", undefined]],
  ["none, and processes will do", "warning docker-unreachable -", [down, "preferred", undefined]],
  ["none, and nobody asks for it", "", [down, "unused", undefined]],
  [
    "one that is stopped",
    "fault docker-unreachable sudo systemctl enable --now docker",
    [down, "needed", stopped],
  ],
  [
    "one that is stopped, and the user is root",
    "fault docker-unreachable service docker start",
    [down, "needed", { ...stopped, sudo: "root", init: "none" }],
  ],
  ["none is installed", "fault docker-unreachable sudo apt-get install -y docker.io", [down, "needed", bare]],
  [
    "none is installed on Fedora",
    "fault docker-unreachable sudo dnf install -y moby-engine",
    [down, "needed", { ...bare, packageTool: "dnf", osId: "fedora" }],
  ],
  [
    "none, and no tool to install it",
    "fault docker-unreachable -",
    [down, "needed", { ...bare, packageTool: "none" }],
  ],
  ["none on macOS", "fault docker-unreachable open -a Docker", [down, "needed", mac]],
  [
    "none where DOCKER_HOST leads",
    "warning docker-unreachable unset DOCKER_HOST",
    [absent("docker-unreachable", true), "preferred", stopped],
  ],
  [
    "no right to it",
    'fault docker-permission sudo usermod -aG docker "$USER"',
    [absent("docker-permission"), "needed", stopped],
  ],
  [
    "one of another machine",
    "warning docker-engine-remote unset DOCKER_HOST DOCKER_CONTEXT",
    [absent("docker-engine-remote", true), "preferred", bare],
  ],
  [
    "a context that is gone",
    "fault docker-context docker context use default",
    [absent("docker-context"), "needed", bare],
  ],
  [
    "an old one",
    "warning docker-old -",
    [{ ...answers, version: { ...version, version: "19.03.1" } }, "preferred", bare],
  ],
  ["one without root", "warning docker-rootless -", [{ ...answers, rootless: true }, "needed", bare]],
])("engine: %s", (_, expected, [look, need, facts]) => {
  const { findings } = judgeEngine(look, need, facts);
  const reported = findings.map(({ severity, code, command = "-" }) => `${severity} ${code} ${command}`);
  expect(reported.join("; ")).toBe(expected);
});

test("compose: v2, v1, none", () => {
  const found = { argv: ["docker", "compose"], version: "2.24.5" };
  expect(judgeCompose(found, "needed", bare)).toMatchObject({
    summary: "2.24.5, as docker compose",
    findings: [],
  });
  const none = { code: "compose-missing", message: "Neither." } as const;
  const command = "sudo apt-get install -y docker-compose";
  expect(judgeCompose(none, "needed", bare).findings).toMatchObject([{ severity: "fault", command }]);
  expect(judgeCompose(none, "preferred", undefined).findings).toEqual([{ ...none, severity: "warning" }]);
  expect(judgeCompose(none, "unused", bare).findings).toEqual([]);
});
