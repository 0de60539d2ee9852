import { homedir, platform } from "node:os";
import type { Environment } from "../../core/process/environment.ts";
import type { Testbed, Watch } from "../chosen-deployer.ts";
import { engineEnvironment, resolveEngine } from "../engine/endpoint.ts";
import { openEngine } from "../engine/engine.ts";
import { formatAddress, testbedDir, usualTestbed } from "./layout.ts";
import { chooseRange, listTestbeds } from "./list.ts";
import { lockTestbeds, testbedDown } from "./state.ts";
import { testbedUp } from "./up.ts";

/** The user's testbeds, kept beside the rest of the state. Touches nothing yet. */
export function openTestbed(stateDir: string, env: Environment): Testbed {
  const open = async (name: string, { signal, onStep }: Watch) => {
    const address = await resolveEngine({ env, home: homedir() });
    const engine = await openEngine(address);
    await engine.version();
    return {
      engine,
      env: { ...env, ...engineEnvironment(address) },
      signal,
      onStep: (step: string, detail?: string) => onStep("testbed", step, detail),
      name,
      stateDir: testbedDir(stateDir, name),
    };
  };
  return {
    up: async (request, watch) => {
      const tools = await open(request.name, watch);
      await using _lock = await lockTestbeds(stateDir, "baleen testbed up");
      const { engine } = tools;
      const { addressing, range } = await chooseRange({ ...request, engine, stateDir, platform: platform() });
      const { hosts, hostsFile } = await testbedUp({ ...tools, ...request, addressing, range });
      return {
        hosts: hosts.map((host) => ({ name: host.name, address: formatAddress(host) })),
        hostsFile,
        ...(addressing.nodePorts ? {} : { rpcVia: "ssh" }),
      };
    },
    down: async (request, watch) => {
      const tools = await open(request.name, watch);
      await using _lock = await lockTestbeds(stateDir, "baleen testbed down");
      return describeRemoval(await testbedDown({ ...tools, ...request }));
    },
    list: async (watch) => {
      const { engine } = await open(usualTestbed, watch);
      return await listTestbeds(engine, stateDir, watch.signal);
    },
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
