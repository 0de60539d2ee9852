import { connect } from "node:net";
import { until } from "../../core/async.ts";
import type { Engine } from "../engine/engine.ts";
import { type DockerCommand, runDocker, TestbedError } from "./docker-command.ts";
import type { HostPlace } from "./layout.ts";

const timeoutMs = 90_000;
const everyMs = 100;
const bannerLimitMs = 5000;

/** What waits for a host: sshd at the published address, and the engine inside where there is one. */
export async function waitForHost(
  place: HostPlace,
  options: DockerCommand & { readonly engine: Engine; readonly docker: boolean },
): Promise<void> {
  const { engine, signal, docker } = options;
  let missing = "sshd does not answer";
  const probe = async () => {
    const container = await engine.inspectContainer(place.name);
    if (container?.state !== "running") {
      const logs = container === undefined ? "" : await engine.logs(place.name, 5);
      throw new TestbedError(
        `Test host ${place.name} has ended (${container?.state ?? "gone"}): ${logs.trim()}`,
      );
    }
    if (!(await greets(place.address, place.sshPort))) return undefined;
    missing = "the Docker engine in it does not answer";
    if (docker && !(await engineAnswers(place.name, options))) return undefined;
    return true;
  };
  const describe = () =>
    `Test host ${place.name} is not ready after ${timeoutMs / 1000} s: ${missing}. Look at: docker logs ${place.name}`;
  await until(probe, { timeoutMs, everyMs, signal, describe });
}

/** A published port takes connections before anybody listens behind it, so only the server's first words count. */
function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let said = "";
    const end = (good: boolean) => {
      socket.destroy();
      resolve(good);
    };
    socket.setTimeout(bannerLimitMs, () => end(false));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
      if (said.length >= "SSH-2.0-".length) end(said.startsWith("SSH-2.0-"));
    });
  });
}

async function engineAnswers(name: string, { env, signal }: DockerCommand): Promise<boolean> {
  const args = ["exec", name, "docker", "version", "--format", "{{.Server.Version}}"];
  const { exitCode } = await runDocker(`ask host ${name}`, args, { env, signal, allowFailure: true });
  return exitCode === 0;
}
