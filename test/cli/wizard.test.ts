/** The wizard on a terminal: local networks of processes. */
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findFreeRange } from "../../src/deploy/nodes/ports.ts";
import { whyNoPseudoTerminal } from "../support/pseudo-terminal.ts";
import { openSetting } from "./setting.ts";
import { clear, down, enter, openWizard, plain } from "./wizard-terminal.ts";

/** A short run on processes, by what the environment says. */
const short = { BALEEN_RUNTIME: "process", BALEEN_DURATION: "1", BALEEN_WARM_UP: "0", BALEEN_LOADS: "50" };

/** What is asked of a local network of processes, up to the last question. */
const questions = [
  /\? Network type: .*[\s\S]*❯ local/,
  /\? Protocol: [\s\S]*❯ mysticeti/,
  /\? Runtime: [\s\S]*❯ process/,
  "? Committee (NODES): number of nodes, 1 to 128 (4)",
  "? Search: find the highest sustained load instead of running --loads? (y/N)",
  "? Loads (TPS,...): loads in tx/s, one run for each (50)",
  "? Duration (SECS): measurement window of each run (1)",
  "? Runs (COUNT): runs of each load; each round runs all loads once (1)",
  "? Transaction size (BYTES): size of each transaction (512)",
  "? Set advanced options? (y/N)",
  "? Save that file? (y/N)",
];
const start = "? Start the benchmark now? (Y/n)";

describe.skipIf(whyNoPseudoTerminal !== undefined)(`the wizard ${whyNoPseudoTerminal ?? ""}`, () => {
  test("by Enter alone runs what it shows, in this process", async () => {
    await using setting = await openSetting();
    await using terminal = await openWizard(setting, { env: short });
    const { reply } = terminal;
    for (const question of questions) await reply(question, enter);
    const shown = plain(terminal.screen());
    expect(shown).toContain("\n  Network: local, 4 nodes, process\n  Loads: 50 tx/s\n  Runs in all: 1\n");
    expect(shown).toContain("\nnpx baleen benchmark --runtime process --loads 50 --duration 1 --warm-up 0\n");
    expect(shown).toContain("\n  # Load\n  loads: [50]\n  runs: 1\n  duration: 1\n");
    await reply(start, enter);
    // Results are printed behind the questions.
    await terminal.expect("1 of 1 runs finished");
    expect(await terminal.ended).toBe(0);
    const run = await readFile(join(await setting.bundle(), "local_benchmark_1_50txs.json"), "utf8");
    expect(JSON.parse(run)).toMatchObject({ parameters: { load: 50, duration: 1, nodes: 4 } });
    expect((await readdir(setting.home)).sort()).toEqual(["benchmarks", "state"]);
    await setting.expectNothingLeft();
  });

  test("asks again where an answer is wrong, in the words of the flag; n starts nothing", async () => {
    await using setting = await openSetting();
    await using terminal = await openWizard(setting, { env: { ...short, BALEEN_RUNTIME: "" } });
    const { reply } = terminal;
    await reply(/❯ local/, enter);
    await reply("❯ mysticeti", down + down + down + down);
    await reply("❯ Path of a description in YAML", enter);
    await reply("? Path of a description in YAML:", `mysticetti${enter}`);
    await reply("Did you mean mysticeti?", `${clear}mysticeti${enter}`);
    await reply(/❯ auto/, down + down);
    await reply(/❯ process/, enter);
    await reply("(4)", `2${enter}`);
    await reply("2 nodes tolerate f = 0 faults", `${clear}5${enter}`);
    await reply("(y/N)", `maybe${enter}`);
    await reply("You must answer", `${clear}n${enter}`);
    await reply("(50)", `100,,200${enter}`);
    await reply("item 2 of", `${clear}10,20${enter}`);
    await reply("(1)", `soon${enter}`);
    await reply('"soon" is not a number', `${clear}3${enter}`);
    await reply("(1)", enter);
    await reply("(512)", `7${enter}`);
    await reply("below the minimum of 18 bytes", `${clear}64${enter}`);
    await reply("Set advanced options?", `y${enter}`);
    await reply("❯ no more: go on", "transp");
    await reply("❯ transport (http)", enter);
    await reply("❯ http", down + down);
    await reply("❯ websocket", enter);
    await reply("❯ no more: go on", enter);
    await reply("Save that file?", enter);
    await reply(start, `n${enter}`);
    await terminal.expect("Nothing was started.");
    expect(await terminal.ended).toBe(0);
    expect(plain(terminal.screen())).toContain(
      "npx baleen benchmark --runtime process --committee 5 --loads 10,20 \\\n" +
        "  --duration 3 --transaction-size 64 --warm-up 0 --transport websocket\n",
    );
    expect(await readdir(setting.home)).toEqual([]);
  });

  test("says who has the ports that it would use, before it asks the rest, and offers others", async () => {
    await using setting = await openSetting();
    const first = (await findFreeRange(4, "127.0.0.1", 22_000)) ?? 0;
    const server = createServer().listen(first + 1, "127.0.0.1");
    await once(server, "listening");
    try {
      const env = { ...short, BALEEN_RPC_BASE_PORT: String(first) };
      await using terminal = await openWizard(setting, { env });
      const { reply } = terminal;
      const [type = "", protocol = "", runtime = "", committee = "", ...rest] = questions;
      for (const question of [type, protocol, runtime, committee]) await reply(question, enter);
      await terminal.expect(new RegExp(`Port ${first + 1} is in use by[\\s\\S]*\\(pid\\s+${process.pid}\\)`));
      await reply(/❯ Use free ports: RPC from \d+, metrics from \d+/, enter);
      for (const question of rest) await reply(question, enter);
      await reply(start, `n${enter}`);
      expect(await terminal.ended).toBe(0);
      const shown = plain(terminal.screen());
      const [, offered = ""] = /Use free ports: RPC from (\d+)/.exec(shown) ?? [];
      expect(Number(offered)).toBeGreaterThanOrEqual(27_000);
      expect(shown.replaceAll(/\\\n\s*/g, "")).toContain(`--rpc-base-port ${offered} --metrics-base-port `);
    } finally {
      server.close();
    }
  });

  test("saves the file of options, and writes nothing over without a yes", async () => {
    await using setting = await openSetting();
    const file = join(setting.home, "bench.yaml");
    await writeFile(file, "seed: mine\n");
    await using terminal = await openWizard(setting, { argv: ["--seed", "$x: 1"], env: short });
    const { reply } = terminal;
    for (const question of questions.slice(0, -1)) await reply(question, enter);
    await reply("? Save that file? (y/N)", `y${enter}`);
    await reply("(bench.yaml)", enter);
    await reply("bench.yaml already exists. Overwrite it? (y/N)", enter);
    await reply("(bench.yaml)", `bench.txt${enter}`);
    await reply("the name does not end in .yaml", `${clear}ci/bench.yaml${enter}`);
    await reply("Written: ci/bench.yaml", "");
    await reply(start, `n${enter}`);
    expect(await terminal.ended).toBe(0);
    expect(await readFile(file, "utf8")).toBe("seed: mine\n");
    const { code, stdout } = await setting.start("baleen", ["validate", "ci/bench.yaml"]).ended;
    expect(code).toBe(0);
    expect(stdout).toContain("\n  Loads: 50 tx/s\n");
    const text = await readFile(join(setting.home, "ci/bench.yaml"), "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/bench\.schema\.json\n/);
    expect(text).toContain('\nseed: "$$x: 1"\n');
  });

  test.each([
    ["Ctrl-C", "\x03", "Interrupted (SIGINT)"],
    ["Ctrl-D", "\x04", "Nothing was started."],
  ])("%s leaves with 130, and the terminal as it was", async (_, key, message) => {
    await using setting = await openSetting();
    const script =
      'stty -g > before; "$NODE" "$BALEEN" wizard; code=$?; stty -g > after; echo "code $code"; cat';
    await using terminal = await openWizard(setting, { script });
    const { reply } = terminal;
    await reply(questions[0] ?? "", enter);
    await reply(questions[1] ?? "", key);
    await terminal.expect(message);
    await terminal.expect("code 130");
    const settings = await Promise.all(
      ["before", "after"].map((name) => readFile(join(setting.home, name), "utf8")),
    );
    expect(settings[1]).toBe(settings[0]);
    // The last word about the cursor shows it.
    const screen = terminal.screen();
    expect(screen.lastIndexOf("\x1b[?25h")).toBeGreaterThanOrEqual(screen.lastIndexOf("\x1b[?25l"));
    expect((await readdir(setting.home)).sort()).toEqual(["after", "before"]);
  });

  test("breaks its own lines for 80 columns", async () => {
    await using setting = await openSetting();
    await using terminal = await openWizard(setting, { env: short });
    const { reply } = terminal;
    for (const question of questions) await reply(question, enter);
    await reply(start, `n${enter}`);
    await terminal.ended;
    const [, reported = ""] = /\nSummary\n([\s\S]*)\? Save that file/.exec(plain(terminal.screen())) ?? [];
    expect(reported).not.toBe("");
    for (const line of reported.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});

test("without a terminal the wizard says so, and names what to give instead", async () => {
  await using setting = await openSetting();
  const { code, stdout, stderr } = await setting.start("baleen", ["wizard"]).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe(
    "error: baleen wizard needs a terminal. Use flags instead; baleen benchmark --help lists them.\n",
  );
});

test("what the environment says wrong is told before anything is asked, all at once", async () => {
  await using setting = await openSetting();
  const env = { BALEEN_DURATION: "soon", BALEEN_COMMITTEE: "many", BALEEN_CONFIG: "bench.yaml" };
  const { code, stderr } = await setting.start("baleen", ["wizard"], { env }).ended;
  expect(code).toBe(2);
  expect(stderr.trimEnd().split("\n")).toEqual([
    expect.stringContaining("BALEEN_CONFIG: the wizard writes a file of options but reads none."),
    expect.stringContaining('BALEEN_COMMITTEE: "many" is not a number.'),
    expect.stringContaining('BALEEN_DURATION: "soon" is not a number.'),
    expect.stringContaining("needs a terminal"),
  ]);
});
