// Brings up a Docker engine for the tests where that may be done without asking: as root on Debian or Ubuntu.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const works = (file, args) => spawnSync(file, args, { stdio: "ignore" }).status === 0;
const engineAnswers = () => works("docker", ["version"]);
const composeIsThere = () => works("docker", ["compose", "version"]) || works("docker-compose", ["version"]);

/** Seconds that a fresh engine may take until it answers. */
const startLimitSecs = 60;

/**
 * @returns {Promise<{ available: true; stop: () => Promise<void> } | { available: false; reason: string }>}
 * `stop` ends only an engine that this call has started.
 */
export async function prepareEngine(say) {
  const missing = () => !composeIsThere() || !(engineAnswers() || existsSync("/usr/bin/dockerd"));
  if (engineAnswers() && composeIsThere()) return { available: true, stop: async () => {} };
  if (process.platform !== "linux" || process.getuid() !== 0) {
    return { available: false, reason: "no Docker engine with compose answers, and without root none can be installed" };
  }
  if (missing()) {
    if (!existsSync("/etc/debian_version")) {
      return { available: false, reason: "no Docker engine with compose is there, and this is not a Debian or Ubuntu" };
    }
    say("Installing docker.io and docker-compose (apt-get) …");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) => spawnSync("apt-get", args, { stdio: ["ignore", 2, 2], env }).status === 0;
    if (!apt("update", "-qq") || !apt("install", "-y", "-qq", "docker.io", "docker-compose")) {
      return { available: false, reason: "apt-get could not install docker.io and docker-compose" };
    }
  }
  if (engineAnswers()) return { available: true, stop: async () => {} };
  say("Starting a Docker engine for the tests …");
  const log = join(tmpdir(), `baleen-dockerd-${process.pid}.log`);
  const file = openSync(log, "w");
  const engine = spawn("dockerd", [], { stdio: ["ignore", file, file], detached: true });
  const ended = new Promise((resolve) => engine.once("exit", resolve).once("error", resolve));
  for (let second = 0; second < startLimitSecs; second++) {
    if (engineAnswers()) {
      const stop = async () => {
        engine.kill("SIGTERM");
        await ended;
      };
      return { available: true, stop };
    }
    if (engine.exitCode !== null) break;
    await delay(1000);
  }
  engine.kill("SIGTERM");
  const tail = readFileSync(log, "utf8").trim().split("\n").slice(-3).join(" | ");
  return { available: false, reason: `dockerd did not come up: ${tail}` };
}
