/** SIGKILL at random moments of benchmarks, 110 times: `clean` removes everything, temporary files included. */
import { describe, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { findNamespaceTools } from "../../src/deploy/links/namespaces/tools.ts";
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

const tools = await findNamespaceTools();
const whyNoLinks = typeof tools === "string" ? tools : undefined;

/** In pieces, so that each can be run by itself. */
describe.skipIf(whyNoLinks !== undefined)(`with emulated links ${whyNoLinks ?? ""}`, () => {
  test.each([1, 2, 3, 4, 5, 6])(
    "5 benchmarks on processes, part %i",
    (part) => killAtRandom("processLinks", { kills: 5, seed: `${seed}/${part}`, onCleaned }),
    limitMs,
  );
  test.skipIf(whyNoDocker !== undefined).each([1, 2, 3, 4])(
    "5 benchmarks on containers, part %i",
    (part) => killAtRandom("dockerLinks", { kills: 5, seed: `${seed}/${part}`, onCleaned }),
    limitMs,
  );
});
