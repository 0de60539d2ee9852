// Brings up a Docker engine for the tests where that may be done without asking: as root on Debian or Ubuntu.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { install, whyNotInstalled } from "./apt.mjs";

const works = (file, ...args) => spawnSync(file, args, { stdio: "ignore" }).status === 0;
const isThere = (file) => spawnSync(file, ["--version"], { stdio: "ignore" }).error === undefined;
const engineAnswers = () => works("docker", "version");
const composeIsThere = () => works("docker", "compose", "version") || works("docker-compose", "version");

/** Seconds that a fresh engine may take until it answers. */
const startLimitSecs = 60;

/**
 * @returns {Promise<{ available: true; stop?: () => Promise<void> } | { available: false; reason: string }>}
 * `stop` ends the engine that this call has started.
 */
export async function prepareEngine(say) {
  if (engineAnswers() && composeIsThere()) return { available: true };
  const why = whyNotHere();
  if (why !== undefined)
    return { available: false, reason: `no Docker engine with compose answers, and ${why}` };
  if (!(isThere("dockerd") && isThere("docker") && composeIsThere()) && !installEngine(say)) {
    return { available: false, reason: "apt-get could not install docker.io and docker-compose" };
  }
  return engineAnswers() ? { available: true } : start(say);
}

/** Why nothing is to be installed or started here. */
function whyNotHere() {
  if (process.env.DOCKER_HOST) return `DOCKER_HOST names another one (${process.env.DOCKER_HOST})`;
  return whyNotInstalled();
}

/** Compose v2 has a package on Ubuntu, v1 on Debian. */
function installEngine(say) {
  say("Installing docker.io and docker-compose (apt-get) …");
  return install(["docker.io", "docker-compose-v2"], ["docker.io", "docker-compose"]);
}

async function start(say) {
  say("Starting a Docker engine for the tests …");
  const folder = mkdtempSync(join(tmpdir(), "baleen-dockerd-"));
  const log = join(folder, "log");
  const file = openSync(log, "w");
  // In a group of its own: it outlives a Ctrl-C until the tests have cleaned up, and is ended by `stop`.
  const engine = spawn("dockerd", [], { stdio: ["ignore", file, file], detached: true });
  let ended = false;
  const end = Promise.race([once(engine, "exit"), once(engine, "error")])
    .catch(() => undefined)
    .then(() => {
      ended = true;
    });
  const stop = async () => {
    engine.kill("SIGTERM");
    await end;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let second = 0; second < startLimitSecs && !ended; second++) {
    if (engineAnswers()) return { available: true, stop };
    await Promise.race([delay(1000), end]);
  }
  const tail = readFileSync(log, "utf8").trim().split("\n").slice(-3).join(" | ");
  await stop();
  return { available: false, reason: `dockerd did not come up: ${tail}` };
}
