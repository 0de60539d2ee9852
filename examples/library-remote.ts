// Four validators on hosts over SSH, a load of 50 tx/s for five seconds, and meanwhile what `baleen status` and
// `baleen logs` show of them. The first argument is a JSON file with the hosts, such as
// [{ "name": "host0", "address": "10.0.1.11", "user": "ubuntu", "keyFile": "/home/me/.ssh/lab", "nodes": [0, 1, 2, 3] }];
// the second one, a file of known hosts, may be left out.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigurationError,
  connectHost,
  createRemoteDeployer,
  defaultKnownHostsFiles,
  defaultParameters,
  defaultRemote,
  type HostRequest,
  mysticeti,
  openRemoteHosts,
  resolveHosts,
  runSweep,
  systemClock,
} from "baleen";

const [file = "hosts.json", knownHosts] = process.argv.slice(2);
const { signal } = new AbortController();
const requests = JSON.parse(await readFile(file, "utf8")) as HostRequest[];
const { hosts, diagnostics } = await resolveHosts(requests, { home: homedir() });
if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);

const run = randomBytes(4).toString("hex");
const remote = { ...defaultRemote, hosts: requests, clientHosts: [] };
const session: Parameters<typeof createRemoteDeployer>[0] = {
  run,
  hosts,
  connect: (host, abort) =>
    connectHost(host, {
      hostKeyPolicy: "strict",
      knownHostsFiles: knownHosts === undefined ? defaultKnownHostsFiles(homedir()) : [knownHosts],
      agentSocket: process.env.SSH_AUTH_SOCK,
      passphrase: async () => undefined,
      timeoutMs: 30_000,
      warn: console.warn,
      signal: abort,
    }),
  holder: `library-remote.ts, process ${process.pid}`,
  who: "me@here",
  rpcVia: "ssh",
  nodeBinary: process.execPath,
  imageCacheFolder: join(tmpdir(), "baleen-example-images"),
  env: process.env,
};

await using machines = await openRemoteHosts(
  async () => session,
  () => run,
).openNodes(remote, {
  onStep: () => {},
  signal,
});
async function showNodes() {
  for (const node of (await machines.look()).nodes) {
    const [line = ""] = (await node.readLog(1)).split("\n");
    console.log(
      `${node.name} on ${node.host}: ${node.state}, driven by ${node.driver}; its log ends ${line}`,
    );
  }
}

const deployer = createRemoteDeployer(session);
let shown: Promise<void> | undefined;
try {
  const { results } = await runSweep(
    {
      ...defaultParameters,
      networkType: "remote",
      remote,
      loadsTps: [50],
      durationSecs: 5,
      cleanup: "thorough",
    },
    {
      run,
      protocol: mysticeti,
      deployer,
      clientRuntime: { nodeBinary: process.execPath, env: process.env },
      clock: systemClock,
      signal,
      emit: (event) => {
        if (event.type === "load-second" && event.second === 1) shown = showNodes();
      },
    },
  );
  await shown;
  for (const { successful, failed, verdict } of results) {
    console.log(`${successful} committed, ${failed} failed: ${verdict.status}`);
  }
} finally {
  await deployer.close?.();
}
