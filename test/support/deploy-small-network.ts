// Deploys two small nodes as processes, pauses the second, says so, and waits to be killed.
import { createProcessDeployer } from "../../src/deploy/process/deployer.ts";
import { planSmallNodes } from "./small-network.ts";

const [stateDir = "", run = ""] = process.argv.slice(2);
const network = await createProcessDeployer({ nodeBinary: process.execPath, stateDir, env: {} }).deploy(
  planSmallNodes(2),
  { run, cleanup: "keep", emit: () => {}, signal: new AbortController().signal },
);
await network.nodes[1]?.pause();
process.stdout.write("up\n");
