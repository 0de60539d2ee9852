/** SIGKILL at random moments of benchmarks, 60 times: `clean` removes everything, temporary files included. */
import { describe, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { whyNoDocker } from "../cli/docker-setting.ts";
import { killAtRandom } from "../cli/kill-campaign.ts";
import { whyNoTestHosts } from "../cli/remote-setting.ts";

const limitMs = 3_600_000;
const seed = process.env.BALEEN_TEST_KILL_SEED ?? String(systemClock.wallMs());

const onCleaned = (kill: string) => process.stderr.write(`${kill}: nothing left\n`);

test("30 benchmarks on processes", () => killAtRandom("process", { kills: 30, seed, onCleaned }), limitMs);

describe.skipIf(whyNoDocker !== undefined)(`with an engine ${whyNoDocker ?? ""}`, () => {
  test("20 benchmarks on containers", () => killAtRandom("docker", { kills: 20, seed, onCleaned }), limitMs);
});

describe.skipIf(whyNoTestHosts !== undefined)(`with test hosts ${whyNoTestHosts ?? ""}`, () => {
  test(
    "10 benchmarks on hosts over SSH",
    () => killAtRandom("remote", { kills: 10, seed, onCleaned }),
    limitMs,
  );
});
