/** The live view on real terminals, during real runs. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { spawnOnTerminal, whyNoPseudoTerminal } from "../support/pseudo-terminal.ts";
import { Screen } from "../support/screen.ts";
import { noEngine, openSetting } from "./setting.ts";

const bin = fileURLToPath(new URL("../../bin/benchmark.js", import.meta.url));
/** A terminal of few rows gets the short form otherwise. */
const short = [
  "--no-brief",
  "--loads=50,60",
  "--duration=6",
  "--warm-up=1",
  "--allow-no-faults",
  "--committee=2",
];

interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** Starts `benchmark` on a terminal, and looks at its screen as a person does. */
async function start(args: readonly string[], size: Size, env: Readonly<Record<string, string>> = {}) {
  const setting = await openSetting();
  onTestFinished(() => setting[Symbol.asyncDispose]());
  const terminal = await spawnOnTerminal([process.execPath, bin, ...args], {
    ...size,
    cwd: setting.home,
    env: {
      HOME: setting.home,
      XDG_STATE_HOME: join(setting.home, "state"),
      BALEEN_RUNTIME: "process",
      DOCKER_HOST: noEngine,
      ...env,
    },
  });
  onTestFinished(() => terminal[Symbol.asyncDispose]());
  const screen = new Screen(size.cols, size.rows);
  let fed = 0;
  const look = () => {
    const all = terminal.screen();
    screen.write(all.slice(fed));
    fed = all.length;
    return screen;
  };
  let isOver = false;
  void terminal.ended.then(() => {
    isOver = true;
  });
  /** Resolves with the view's rows once they are like that, one after another with any gap between them. */
  const shows = async (...parts: readonly RegExp[]): Promise<readonly string[]> => {
    const wanted = new RegExp(parts.map(({ source }) => source).join("\\s+"), "u");
    const find = () => {
      const { visible, isHeldBack } = look();
      const from = visible.findLastIndex((row) => /^Run \d of \d:/.test(row));
      // What is held back is not seen yet, and the cursor waits in the row below.
      const rows = isHeldBack || from < 0 || visible.at(-1) !== "" ? [] : visible.slice(from, -1);
      return wanted.test(rows.join("\n")) ? rows : undefined;
    };
    const describe = () => `never shown: ${wanted.source} in\n${look().visible.join("\n")}`;
    const options = { timeoutMs: 120_000, everyMs: 20, describe };
    const found = await until(() => find() ?? (isOver ? [] : undefined), options);
    expect(found, describe()).not.toEqual([]);
    return found;
  };
  const resize = (cols: number, rows: number) => {
    look().resize(cols, rows);
    terminal.resize(cols, rows);
  };
  return { setting, terminal, shows, look, resize };
}

type Started = Awaited<ReturnType<typeof start>>;

/** What progress leaves among the results, and nothing else. */
const note = /^(Sweep \w+: .*|Run \d finished: .*|\d of \d runs finished|warning: .*)$/;

/** Fails where the screen holds more or less than the results, each once and whole, and what is to be read later. */
async function expectResultsAlone({ setting, look }: Started) {
  const { lines, lost } = look();
  const bundle = await setting.bundle();
  const summary = await readFile(join(bundle, "summary.txt"), "utf8");
  const results = lines.filter((line) => !note.test(line));
  const [printed = ""] = summary.split("\n\nStarted: ");
  const [verdict = "", blank = "", ...told] = printed.split("\n").map((line) => line.trimEnd());
  // It is known last: the file begins with it, and here it stands above the summary.
  const summaryAt = told.indexOf("SUMMARY");
  const wanted = [...told.slice(0, summaryAt), verdict, blank, ...told.slice(summaryAt)];
  expect(results).toEqual([...wanted, "", `Results: ${bundle}`, ""]);
  expect(lines.filter((line) => /^Run \d finished/.test(line))).toHaveLength(2);
  expect(lost).toBe(0);
}

describe.skipIf(whyNoPseudoTerminal !== undefined)(`on a terminal ${whyNoPseudoTerminal ?? ""}`, () => {
  const load = [
    /measuring [2-6] of 6 s/,
    /\d s left/,
    /sweep: about (\d+ min )?\d+ s left/,
    /offered 5\d\.\d tx\/s/,
    /committed \d\d\.\d tx\/s/,
    /[▁▂▃▄▅▆▇█]{3,}/,
    /p50 \d+ ms {2}p99 \d+ ms/,
    /[▁▂▃▄▅▆▇█]+/,
    /sent 1\d\d {2}acknowledged \d+/,
    /committed \d+ {2}failed 0/,
    /outstanding \d+/,
    /2 of 2 nodes up {2}heights? \d+( to \d+)?$/,
  ];

  test("of 80 columns a sweep is shown as it goes, and leaves its results alone", async () => {
    const started = await start(short, { cols: 80, rows: 24 });
    const { shows, terminal } = started;
    await shows(/Run 1 of 2: 50.* tx\/s {2}deploying, \d+ s/, /…/, /.*/, /[0-2] of 2 nodes up$/);
    expect(await shows(/Run 1 of 2: 50.* tx\/s/, ...load)).toHaveLength(5);
    await shows(/Run 2 of 2: 60.* tx\/s {2}deploying, \d+ s/, /…/);
    expect(await terminal.ended).toBeLessThanOrEqual(3);
    await expectResultsAlone(started);
  });

  test("of 40 columns no line is wrapped", async () => {
    const started = await start(short, { cols: 40, rows: 24 });
    const { shows, terminal } = started;
    const rows = await shows(/Run 1 of 2: 50.* tx\/s/, ...load);
    for (const row of rows) expect(row.length).toBeLessThan(40);
    expect(await terminal.ended).toBeLessThanOrEqual(3);
    await expectResultsAlone(started);
  });

  test("that is made smaller and larger the view follows, and leaves nothing", async () => {
    const started = await start(short, { cols: 80, rows: 24 });
    const { shows, resize, terminal } = started;
    const whole = [/^Run 1 .*/, /offered .*/, /p50 .*/, /sent .* {2}outstanding \d+/, /2 of 2 nodes up.*$/];
    expect(await shows(...whole)).toHaveLength(5);
    resize(80, 9);
    expect(
      await shows(/^Run 1 .* {2}measuring \d of 6 s {2}.* tx\/s committed {2}p99 \d+ ms.*$/),
    ).toHaveLength(1);
    resize(40, 24);
    expect(
      (await shows(/^Run 1 .*/, /[\s\S]*/, /outstanding \d+/, /2 of 2 nodes up[\s\S]*$/)).length,
    ).toBeGreaterThan(6);
    resize(120, 24);
    expect(await shows(...whole)).toHaveLength(5);
    expect(await terminal.ended).toBeLessThanOrEqual(3);
    await expectResultsAlone(started);
  });

  test("Ctrl-C takes the view away", async () => {
    const started = await start([...short, "--duration=60"], { cols: 80, rows: 24 });
    const { setting, shows, look, terminal } = started;
    await shows(/measuring/, /[\s\S]*/, /2 of 2 nodes up/);
    terminal.send("\x03");
    expect(await terminal.ended).toBe(130);
    const lines = look().lines.slice(look().lines.findIndex((line) => line.startsWith("Sweep ")));
    expect(lines.slice(1)).toEqual([
      "Interrupted (SIGINT): cleaning up. Press Ctrl-C again to leave at once.",
      "0 of 2 runs finished",
      "",
      `Results: ${await setting.bundle()}`,
      "",
    ]);
    await setting.expectNothingLeft();
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
    ["with --no-live", ["--no-live"], {}],
    ["that is dumb", [], { TERM: "dumb" }],
  ])("%s there is a line every 5 s, and nothing is redrawn", async (_, args, env) => {
    const { terminal, look } = await start([...short, "--loads=50", ...args], { cols: 80, rows: 24 }, env);
    expect(await terminal.ended).toBeLessThanOrEqual(3);
    // Colours apart.
    expect(terminal.screen().replaceAll(/\p{Cc}\[\d*m/gu, "")).not.toMatch(/(?!\s)\p{Cc}/u);
    const { lines } = look();
    expect(lines).toContain("Run 1: 50 tx/s");
    expect(lines).toContain("measuring");
    expect(lines.filter((line) => /^5\/6 s: \d+ due, /.test(line))).toHaveLength(1);
  });
});
