/** Completion, asked from real shells. */
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openTemporaryFolder } from "../support/temporary-folder.ts";
import { openShell, type Shell, whyNotAsked } from "./shell.ts";

const baleen = fileURLToPath(new URL("../../bin/baleen.js", import.meta.url));
const bundles = ["20240115T103000Z-local-3f9a2c1e", "20240116T103000Z-remote-77aa0011"];

/** What each shell shows of it, however it writes folders. */
const plain = (words: readonly string[]) =>
  words.map((word) => word.replace(/\/$/, "").replace(/^.*=/, "")).sort();

const cases: [string, string, readonly string[]][] = [
  ["a command", "baleen cal", ["calibrate"]],
  ["commands", "baleen c", ["calibrate", "clean", "client-page", "compare", "completion"]],
  ["a command's help", "baleen help ver", ["verify"]],
  ["options of a command", "baleen benchmark --search-p", ["--search-precision"]],
  ["options of a program of its own", "benchmark --local-", ["--local-committee", "--local-loads"]],
  ["a negation", "benchmark --no-f", ["--no-file-output"]],
  ["no option of another command", "local-network --search", []],
  ["choices", "benchmark --runtime ", ["auto", "docker", "process"]],
  ["a choice that has begun", "baleen benchmark --loads 100 --network-type re", ["remote"]],
  ["a choice behind an equals sign", "benchmark --transport=web", ["websocket"]],
  ["files", "benchmark --config bench.", ["bench.yaml"]],
  ["folders, and no files", "benchmark --output-dir be", ["benchmarks"]],
  ["protocols", "benchmark --protocol comet", ["cometbft"]],
  ["protocols in their place", "baleen protocols eth", ["ethereum"]],
  ["named links", "baleen links aws-1", ["aws-10"]],
  ["the newest bundle", "baleen show la", ["last"]],
  ["bundles", "baleen report 2024", bundles],
  ["bundles behind switches", "baleen verify --quiet 20240116", bundles.slice(1)],
  ["both sides", "baleen compare last 20240115", bundles.slice(0, 1)],
  ["a bundle as a value", "benchmark --resume 20240115", bundles.slice(0, 1)],
  ["words in their place", "baleen hosts pre", ["prepare"]],
  ["a shell", "baleen completion z", ["zsh"]],
  ["no values that nobody knows", "benchmark --loads be", []],
];

describe.each<Shell>(["bash", "zsh", "fish"])("%s", (shell) => {
  test("completes what the tables hold", async ({ skip }) => {
    const why = whyNotAsked(shell);
    skip(why !== undefined, why);
    await using folder = await openTemporaryFolder();
    await writeFile(join(folder.path, "bench.yaml"), "");
    for (const name of bundles) await mkdir(join(folder.path, "benchmarks", name), { recursive: true });
    const script = join(folder.path, "completion");
    const { stdout, status } = spawnSync(process.execPath, [baleen, "completion", shell], {
      encoding: "utf8",
    });
    expect(status).toBe(0);
    await writeFile(script, stdout);
    await using asked = await openShell(shell, { script, cwd: folder.path });
    const answers: Record<string, readonly string[]> = {};
    for (const [what, line] of cases) answers[what] = plain(await asked.complete(line));
    // A shell leaves the word as it is where nothing completes it.
    const wanted = cases.map(([what, line, words]) => {
      const word = line.split(/[\s=]/).at(-1) ?? "";
      return [what, words.length === 0 && shell !== "fish" ? [word] : plain(words)];
    });
    expect(answers).toEqual(Object.fromEntries(wanted));
  });
});
