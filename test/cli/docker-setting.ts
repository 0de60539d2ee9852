import { homedir } from "node:os";
import { join } from "node:path";
import { removeLeftovers } from "../../src/deploy/engine/ownership.ts";
import { ensureImage } from "../../src/deploy/images/image.ts";
import { countLeftovers, docker, dockerCommand, whyNoDocker } from "../deploy/real-engine.ts";
import { tinyNode } from "../deploy/tiny-plan.ts";
import { type Command, openSetting, type Setting } from "./setting.ts";

export { whyNoDocker };

export const nothing = { containers: 0, networks: 0, volumes: 0 };

/** A setting whose commands take the engine of this machine and run containers, unless told otherwise. */
export interface DockerSetting extends Setting {
  /** Id of the run that a command has begun. */
  readonly runOf: (command: Command) => string;
  /** Runs a command line as it was printed: "npx baleen clean --run 1a2b3c4d". */
  readonly follow: (line: string) => Command;
}

/** Opens such a setting; disposing of it removes whatever its commands have left on the engine. */
export async function openDockerSetting(): Promise<DockerSetting> {
  const setting = await openSetting();
  const started: Command[] = [];
  const start: Setting["start"] = (binary, args, options = {}) => {
    const env = { ...engineVariables(), BALEEN_RUNTIME: "docker", ...options.env };
    const command = setting.start(binary, args, { ...options, env });
    started.push(command);
    return command;
  };
  return {
    ...setting,
    start,
    runOf,
    follow: (line) => {
      const [npx, binary = "", ...args] = line.split(" ");
      if (npx !== "npx") throw new Error(`not a command to follow: ${line}`);
      return start(binary, args);
    },
    [Symbol.asyncDispose]: async () => {
      await setting[Symbol.asyncDispose]();
      for (const command of started) {
        await command.ended;
        const run = findRun(command);
        if (run !== undefined) await removeLeftovers(docker().engine, run, { volumes: true });
      }
    },
  };
}

/** The engine and the compose plugin of the user who runs the tests: a setting has a home of its own. */
export function engineVariables(): Record<string, string> {
  const { env } = docker();
  const { DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH } = env;
  const DOCKER_CONFIG = env.DOCKER_CONFIG || join(homedir(), ".docker");
  const all = { DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, DOCKER_CONFIG };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

function findRun(command: Command): string | undefined {
  return /^Sweep (\w+):/m.exec(command.seen.stderr)?.[1];
}

function runOf(command: Command): string {
  const run = findRun(command);
  if (run === undefined) throw new Error(`no run was begun:\n${command.seen.stderr}`);
  return run;
}

/** What was said to be left behind, and the command that removes it. */
export function parseLeftBehind(stderr: string): { what: string[]; command: string } | undefined {
  const [, what, command] = /^Left behind: (.*)\. Remove it with: (.*)$/m.exec(stderr) ?? [];
  return what === undefined || command === undefined ? undefined : { what: what.split(", "), command };
}

/** The container of a node of a run. */
export async function findContainer(run: string, index: number): Promise<string> {
  const filters = ["--filter", `label=baleen.run=${run}`, "--filter", `label=baleen.node=${index}`];
  return await dockerCommand("ps", "-aq", ...filters);
}

/** An image with Node.js that can be given anything to do. */
export async function buildIdleImage(): Promise<string> {
  return await ensureImage(docker().engine, {
    program: tinyNode,
    nodeBinary: process.execPath,
    env: docker().env,
    run: "none",
    onStep: () => {},
    signal: AbortSignal.timeout(120_000),
  });
}

export { countLeftovers, dockerCommand };
