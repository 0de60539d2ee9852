// Deploys two tiny nodes by the compose file argv[3] as run argv[2], says so, and then does nothing until it is killed.

import { createDockerDeployer } from "../../src/deploy/docker/deployer.ts";
import { docker } from "./real-engine.ts";
import { planTinyNodes } from "./tiny-plan.ts";

const [, , run = "", composePath = ""] = process.argv;
const deployer = createDockerDeployer({
  docker: docker(),
  composePath,
  rpcPort: 26_657,
  nodeBinary: process.execPath,
});
await deployer.deploy(planTinyNodes(2), {
  run,
  cleanup: "thorough",
  emit: () => {},
  signal: new AbortController().signal,
});
process.stdout.write("deployed\n");
setInterval(() => {}, 1000);
