import { join } from "node:path";
import type { Deployer } from "../../src/contracts/deployment.ts";
import { createRemoteDeployer } from "../../src/deploy/remote/deployer.ts";
import { connectHost } from "../../src/deploy/ssh/connect.ts";
import type { TestHosts } from "./test-hosts.ts";

export interface TestHostsDeployment {
  readonly run: string;
  /** Keeps images from one deployment to the next. */
  readonly folder: string;
  /** Numbers of the nodes on each host. */
  readonly nodes: readonly (readonly number[])[];
}

/** A deployer to test hosts, reached over SSH with their own keys. */
export function deployToTestHosts(
  { hosts, knownHostsFile }: TestHosts,
  { run, folder, nodes }: TestHostsDeployment,
): Deployer {
  return createRemoteDeployer({
    hosts: hosts.map(({ name, address, sshPort, user, keyFile, privateAddress }, index) => ({
      name,
      address: { host: address, port: sshPort, user, keyFiles: [keyFile] },
      privateAddress,
      nodes: nodes[index] ?? [],
    })),
    connect: (spec, signal) =>
      connectHost(spec, {
        hostKeyPolicy: "strict",
        knownHostsFiles: [knownHostsFile],
        agentSocket: undefined,
        timeoutMs: 30_000,
        passphrase: async () => undefined,
        warn: () => {},
        signal,
      }),
    holder: "a test",
    who: "test@here",
    run,
    rpcVia: "ssh",
    nodeBinary: process.execPath,
    imageCacheFolder: join(folder, "images"),
    env: process.env,
  });
}
