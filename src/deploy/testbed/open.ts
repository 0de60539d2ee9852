import { homedir, platform } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../core/process/environment.ts";
import type { Testbed, Watch } from "../chosen-deployer.ts";
import { engineEnvironment, resolveEngine } from "../engine/endpoint.ts";
import { openEngine } from "../engine/engine.ts";
import { testbedDown } from "./state.ts";
import { chooseAddressing, testbedUp } from "./up.ts";

/** The user's testbed, kept beside the rest of the state. Touches nothing yet. */
export function openTestbed(stateDir: string, env: Environment): Testbed {
  const open = async ({ signal, onStep }: Watch) => {
    const address = await resolveEngine({ env, home: homedir() });
    const engine = await openEngine(address);
    await engine.version();
    return {
      engine,
      env: { ...env, ...engineEnvironment(address) },
      signal,
      onStep: (step: string, detail?: string) => onStep("testbed", step, detail),
      stateDir: join(stateDir, "testbed"),
    };
  };
  return {
    up: async (request, watch) => {
      const addressing = await chooseAddressing(platform());
      const { hosts, hostsFile } = await testbedUp({ ...(await open(watch)), ...request, addressing });
      return {
        hosts: hosts.map(({ name, user, address, sshPort }) => ({
          name,
          address: `${user}@${address}:${sshPort}`,
        })),
        hostsFile,
        ...(addressing.nodePorts ? {} : { rpcVia: "ssh" }),
      };
    },
    down: async (request, watch) =>
      describeRemoval(await testbedDown({ ...(await open(watch)), ...request })),
  };
}

function describeRemoval({ removed, hostsFile, images }: Awaited<ReturnType<typeof testbedDown>>): string[] {
  const count = (number: number, one: string) =>
    number === 0 ? [] : [`${number} ${one}${number === 1 ? "" : "s"}`];
  return [
    ...count(removed.containers, "container"),
    ...count(removed.networks, "network"),
    ...count(removed.volumes, "volume"),
    ...(hostsFile.state === "removed" ? [`hosts file ${hostsFile.path}`] : []),
    ...images.map((image) => `image ${image}`),
  ];
}
