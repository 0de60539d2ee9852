// On a machine whose kernel shapes no links: what a deployer of processes that keeps its state in argv[2] says of links,
// and the mechanism that it deploys them with; one line of JSON.
import type { PlannedLinks } from "../../../src/contracts/links/shaping.ts";
import { deployerIn, idle, planSmallNodes } from "../../support/small-network.ts";
import { linksOf } from "./matrix.ts";

const deployer = deployerIn(process.argv[2] ?? "");
const messages = async (links: PlannedLinks) =>
  (await deployer.check({ ...planSmallNodes(2), links }, idle)).map(({ message }) => message);
const slow = { delayMs: 5 };
const loss = { kind: "independent", lossRatio: 0.01 } as const;
const unforced = await messages(linksOf(2, () => slow));
const forced = await messages(linksOf(2, () => slow, { mechanism: "netem" }));
const lossy = await messages(linksOf(2, () => ({ loss })));
const plan = { ...planSmallNodes(2), links: linksOf(2, () => slow) };
const options = { run: "unshaped", cleanup: "thorough", emit: () => {}, signal: idle } as const;
await using network = await deployer.deploy(plan, options);
const mechanism = network.links?.mechanism;
const { links: facts } = await network.describe();
process.stdout.write(`${JSON.stringify({ unforced, mechanism, facts, forced, lossy })}\n`);
