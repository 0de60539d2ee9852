// Deploys two etcd members as processes, started from the file that is named, pauses the second, says so, and waits to
// be killed. They end with this one by the life line that is named, if any.
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import { planEtcd } from "./planned-etcd.ts";

const [stateDir = "", path = "", lifeLine] = process.argv.slice(2);
const network = await createProcessDeployer({
  nodeBinary: process.execPath,
  stateDir,
  env: {},
  lifeLine: lifeLine === "keeper" || lifeLine === "kernel" ? lifeLine : undefined,
}).deploy(planEtcd(2, { path }), {
  run: "run-1",
  cleanup: "keep",
  emit: () => {},
  signal: new AbortController().signal,
});
await network.nodes[1]?.pause();
process.stdout.write("up\n");
setInterval(() => {}, 60_000);
