/** Change points against those of apache-otava, another implementation of E-divisive in windows, on the same series. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCommand } from "../../../../src/core/process/command.ts";
import { seededRandom } from "../../../../src/core/random.ts";
import { changePoints } from "../../../../src/metrics/stats/trend/change-points.ts";
import { makeTemporaryFolder } from "../../../results/temporary-folder.ts";
import { normalValues } from "../../normal.ts";

interface Series {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** 60 to 240 values whose noise is 0.5 to 3.5 % of them; every fifth is without steps of three standard deviations. */
function stepSeries(number: number): Series {
  const random = seededRandom(`otava-${number}`);
  const normal = normalValues(`otava-noise-${number}`);
  const count = 60 + Math.floor(random.nextRatio() * 180);
  const deviation = 0.5 + 3 * random.nextRatio();
  const steps: number[] = [];
  const next = () => (steps.at(-1) ?? 0) + 15 + Math.floor(random.nextRatio() * 50);
  for (let at = next(); number % 5 !== 0 && at <= count - 12; at = next()) steps.push(at);
  let level = 100;
  const values = Array.from({ length: count }, (_, place) => {
    if (steps.includes(place)) level += 3 * deviation * (random.nextRatio() < 0.5 ? 1 : -1);
    return level + deviation * normal();
  });
  return { steps, values };
}

async function pointsOfOtava(python: string, all: readonly Series[]): Promise<number[][]> {
  const script = fileURLToPath(new URL("otava-oracle.py", import.meta.url));
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  child.stdin.end(JSON.stringify(all.map(({ values }) => values)));
  const answer = await text(child.stdout);
  expect((await ended)[0]).toBe(0);
  return JSON.parse(answer) as number[][];
}

const near = (place: number, points: readonly number[]) => points.some((one) => Math.abs(one - place) <= 2);

test("steps of three standard deviations are found where apache-otava finds them", async ({ skip }) => {
  await using folder = await makeTemporaryFolder();
  const python = join(folder.path, "bin", "python");
  const made = await runCommand(["python3", "-m", "venv", folder.path], {
    timeoutMs: 120_000,
    env: process.env,
  }).catch(() => undefined);
  if (made === undefined) skip("python3 with venv is missing: apt-get install python3-venv");
  const install = [python, "-m", "pip", "install", "--quiet", "apache-otava==0.8.0"];
  await runCommand(install, { timeoutMs: 300_000, env: process.env });
  const all = Array.from({ length: 200 }, (_, number) => stepSeries(number));
  const found = {
    ours: all.map(({ values }, number) =>
      changePoints(values, { minEffectRatio: 0, random: seededRandom(`series-${number}`) }).map(
        ({ index }) => index,
      ),
    ),
    otava: await pointsOfOtava(python, all),
  };
  const steps = all.flatMap((one, number) => one.steps.map((place) => ({ number, place })));
  const hits = (of: keyof typeof found) =>
    steps.map(({ number, place }) => near(place, found[of][number] ?? []));
  const [ours, otava] = [hits("ours"), hits("otava")];
  const same = ours.filter((hit, index) => hit === otava[index]).length;
  const both = ours.filter((hit, index) => hit && otava[index]).length;
  const isFlat = ({ steps }: Series) => steps.length === 0;
  const alarms = (of: keyof typeof found) =>
    all.filter((one, number) => isFlat(one) && (found[of][number] ?? []).length > 0).length;
  const flat = all.filter(isFlat).length;
  process.stdout.write(
    `${steps.length} steps: both find ${both} within 2 places, they agree on ${same}; of ${flat} series without steps, ours alarms in ${alarms("ours")}, otava in ${alarms("otava")}\n`,
  );
  expect(steps.length).toBeGreaterThan(300);
  expect(same / steps.length).toBeGreaterThan(0.95);
  expect(both / steps.length).toBeGreaterThan(0.95);
  expect(alarms("ours") / flat).toBeLessThanOrEqual(0.02);
}, 900_000);
