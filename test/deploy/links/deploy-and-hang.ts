// Deploys three small nodes with links as processes in the state folder argv[2], says so, and waits to be killed.
import { createProcessDeployer } from "../../../src/deploy/process/deployer.ts";
import { planSmallNodes } from "../../support/small-network.ts";
import { linksOf } from "./matrix.ts";

const deployer = createProcessDeployer({
  nodeBinary: process.execPath,
  stateDir: process.argv[2] ?? "",
  env: {},
});
const plan = { ...planSmallNodes(3), links: linksOf(3, () => ({ delayMs: 5 })) };
const options = {
  run: "hang",
  cleanup: "thorough",
  emit: () => {},
  signal: new AbortController().signal,
} as const;
await deployer.deploy(plan, options);
process.stdout.write("deployed\n");
setInterval(() => {}, 1000);
