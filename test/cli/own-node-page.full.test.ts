/** docs/your-own-node.md, followed from its first step to its last: files are written and commands run as it says. */
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { followedPage } from "../docs/documented.ts";
import { type CodeBlock, codeBlocks, commandsOf, wordsOf } from "../docs/pages.ts";
import { openSetting, type Setting } from "./setting.ts";

const brief = ["--loads=20", "--duration=2", "--warm-up=0.5", "--drain=10"];
/** Long enough for a node to come back. */
const crashes = [...brief, "--duration=12", "--crash-interval=5"];
/** Installing and building come before all tests. */
const passedOver = /^(git clone|npm ci|npm run build)/;

test(`${followedPage} works as it stands`, { timeout: 300_000 }, async () => {
  await using setting = await openSetting();
  const folder = join(setting.home, "my-node");
  await mkdir(folder);
  const said: string[] = [];
  for (const block of codeBlocks(followedPage)) {
    if (block.language === "js") await writeFile(join(folder, "node.mjs"), block.text);
    else if (block.language === "yaml") await appendFile(join(folder, "my-node.yaml"), block.text);
    const first = said.length;
    for (const line of commandsOf(block)) {
      if (!passedOver.test(line)) said.push(await run(setting, line));
    }
    if (block.language !== "console") continue;
    for (const line of outputOf(block)) expect(withoutPlace(said[first] ?? "")).toContain(withoutPlace(line));
  }
  const [protocols, incomplete, , replies, polled, , metrics, crashed] = said;
  expect(protocols).toContain("mysticeti");
  expect(incomplete).toContain("error:");
  expect(replies).toContain("throughput, success and latency are those of acknowledgements");
  expect(polled).toContain("Acknowledged, committed: ");
  expect(metrics).toContain('# TYPE log_entries counter\nlog_entries_total{node="node0"} 0 ');
  expect(crashed).toMatch(/node2 recover.*went to the next node|went to the next node.*node2 recover/s);
});

/** Programs stand elsewhere on every machine. */
const withoutPlace = (text: string) => text.replaceAll(/(Program \w+:) .*/g, "$1");

/** @returns all that it said */
async function run(setting: Setting, line: string): Promise<string> {
  if (line.startsWith("head ")) return await readMetrics(setting);
  const [npx, binary = "", ...args] = wordsOf(line);
  expect(npx, line).toBe("npx");
  const overrides = binary !== "benchmark" ? [] : line.includes("--faults") ? crashes : brief;
  const { code, stdout, stderr } = await setting.start(binary, [...args, ...overrides]).ended;
  // 2: of the description that is not complete yet; 3: of a node that came back late on a busy machine.
  expect(code === 0 || (line.includes("validate") && code === 2) || code === 3, line + stderr).toBe(true);
  return stdout + stderr;
}

/** Of the last run. */
async function readMetrics({ home }: Setting): Promise<string> {
  const bundles = join(home, "benchmarks");
  const [last = ""] = (await readdir(bundles)).sort().reverse();
  return await readFile(join(bundles, last, "metrics", "1-nodes.openmetrics"), "utf8");
}

/** What the page has the first command of a block say. */
function outputOf({ text }: CodeBlock): string[] {
  const [output = ""] = text.split("\n").slice(1).join("\n").split(/^\$ /m);
  return output.split("\n").filter((line) => line !== "");
}
