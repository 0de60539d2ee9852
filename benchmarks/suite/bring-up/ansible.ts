import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { DeploymentPlan } from "../../../src/contracts/deployment.ts";
import type { HostSpec } from "../../../src/contracts/hosts/host.ts";
import { until } from "../../../src/core/async.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { runCommand } from "../../../src/core/process/command.ts";
import { containerPorts } from "../../../src/deploy/containers/compose-file.ts";
import { imageHome } from "../../../src/deploy/images/image.ts";
import { packTar } from "../../../src/deploy/images/tar.ts";
import {
  findRemoteEndpoint,
  innerAddress,
  placeOnHosts,
  type RemoteNode,
} from "../../../src/deploy/remote/layout.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

export interface AnsibleTimes {
  readonly startedSecs: number;
  readonly readySecs: number;
}

export interface AnsibleBringUp {
  readonly hosts: readonly HostSpec[];
  readonly knownHostsFile: string;
  readonly folder: string;
  readonly plan: DeploymentPlan;
  /** Name of the nodes' image, which the hosts have. */
  readonly image: string;
  readonly signal: AbortSignal;
}

const here = fileURLToPath(new URL(".", import.meta.url));
const playbookTimeoutMs = 300_000;
const readyTimeoutMs = 120_000;

/** Brings a committee up by the playbook, waits until all nodes commit, and removes it again. */
export async function bringUpWithAnsible(bringUp: AnsibleBringUp): Promise<AnsibleTimes> {
  const nodes = placeOnHosts(bringUp.plan, bringUp.hosts);
  await writeConfiguration(bringUp, nodes);
  const startMs = systemClock.monotonicMs();
  const secs = () => (systemClock.monotonicMs() - startMs) / 1000;
  try {
    await play("playbook.yml", bringUp);
    const startedSecs = secs();
    await Promise.all(nodes.map((node) => untilCommitting(node, bringUp.signal)));
    return { startedSecs, readySecs: secs() };
  } finally {
    await play("remove.yml", bringUp);
  }
}

async function play(name: string, { folder, signal }: AnsibleBringUp): Promise<void> {
  const { PATH, HOME } = process.env;
  const ANSIBLE_CONFIG = join(folder, "ansible.cfg");
  const { exitCode, stdout } = await runCommand(
    ["ansible-playbook", "--inventory", join(folder, "inventory.yml"), join(here, name)],
    {
      env: { PATH, HOME, LC_ALL: "C.UTF-8", ANSIBLE_CONFIG },
      timeoutMs: playbookTimeoutMs,
      signal,
      allowFailure: true,
    },
  );
  // It tells of failures on standard output.
  if (exitCode !== 0) throw new Error(`${name} failed:\n${stdout.slice(-2_000)}`);
}

/** Inventory, settings as its users tune them, and each node's files. */
async function writeConfiguration(bringUp: AnsibleBringUp, nodes: readonly RemoteNode[]): Promise<void> {
  const { folder, knownHostsFile, image } = bringUp;
  const hosts = await Promise.all(nodes.map((node) => describeHost(bringUp, nodes, node)));
  // JSON is YAML.
  const inventory = { all: { hosts: Object.fromEntries(hosts), vars: { image, run: "bring-up-ansible" } } };
  await writeFile(join(folder, "inventory.yml"), JSON.stringify(inventory), { mode: 0o600 });
  const ssh = `-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${knownHostsFile} -o StrictHostKeyChecking=yes`;
  const settings = [
    "[defaults]",
    `forks = ${nodes.length}`,
    "host_key_checking = True",
    "interpreter_python = /usr/bin/python3",
    "[ssh_connection]",
    "pipelining = True",
    `control_path_dir = ${join(folder, "cp")}`,
    `ssh_args = ${ssh}`,
  ];
  await writeFile(join(folder, "ansible.cfg"), `${settings.join("\n")}\n`);
}

async function describeHost({ folder }: AnsibleBringUp, nodes: readonly RemoteNode[], node: RemoteNode) {
  const { args, files } = node.group.configure(node, {
    home: imageHome,
    nodes,
    endpoint: (target, plane) =>
      findRemoteEndpoint(nodes, target, { seenBy: { node: node.name }, plane, tunnels: new Map() }),
    listen: (plane) => ({ host: "0.0.0.0", port: containerPorts[plane] }),
    exported: (target) => {
      throw new Error(`${target} exports nothing`);
    },
  });
  const archive = packTar(
    files.map(({ path, mode, content }) => ({
      ...{ path, mode, owner: 1000 },
      content: { kind: "text" as const, text: content },
    })),
  );
  const file = join(folder, `${node.name}.tar`);
  await writeFile(file, await buffer(archive), { mode: 0o600 });
  const { host, port, user, keyFiles } = node.host.address;
  const variables = {
    ansible_host: host,
    ansible_port: port,
    ansible_user: user,
    ansible_ssh_private_key_file: keyFiles[0],
    inner_address: innerAddress(node.host),
    container: `bring-up-${node.name}`,
    node_args: args,
    files: file,
  };
  return [node.host.name, variables] as const;
}

/** Until the node's height grows. */
async function untilCommitting(node: RemoteNode, signal: AbortSignal): Promise<void> {
  const rpc = { host: node.host.address.host, port: node.ports.rpc };
  let firstHeight: number | undefined;
  await until(
    async () => {
      const health = await mysticeti.probe(rpc, { timeoutMs: 1_000, signal }).catch(() => undefined);
      if (health === undefined) return undefined;
      const { height = 0 } = health;
      firstHeight ??= height;
      return height > firstHeight ? true : undefined;
    },
    { timeoutMs: readyTimeoutMs, everyMs: 100, signal, describe: () => `${node.name} does not commit` },
  );
}
