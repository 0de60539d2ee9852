/** SIGKILL in the middle of a benchmark: `clean` removes everything, temporary files included. */
import { describe, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { findNamespaceTools } from "../../src/deploy/links/namespaces/tools.ts";
import { whyNoDocker } from "./docker-setting.ts";
import { killAtLine, killAtRandom, killShaper } from "./kill-campaign.ts";
import { whyNoTestHosts } from "./remote-setting.ts";

const seed = String(systemClock.wallMs());
const timeout = 900_000;
const full = { tags: "full", timeout };

describe("a benchmark on processes", () => {
  test("in the window", { timeout }, () => killAtLine("process", "measuring"));
  test("at three moments", full, () => killAtRandom("process", { kills: 3, seed }));
});

describe.skipIf(whyNoDocker !== undefined)(`on containers ${whyNoDocker ?? ""}`, () => {
  test("while compose works", { timeout }, () => killAtLine("docker", /^creating the containers: /));
  test("at two moments", full, () => killAtRandom("docker", { kills: 2, seed }));
});

describe.skipIf(whyNoTestHosts !== undefined)(`on hosts over SSH ${whyNoTestHosts ?? ""}`, () => {
  test("at one moment", full, () => killAtRandom("remote", { kills: 1, seed }));
});

const tools = await findNamespaceTools();
const whyNoLinks = typeof tools === "string" ? tools : undefined;

describe.skipIf(whyNoLinks !== undefined)(`a benchmark with emulated links ${whyNoLinks ?? ""}`, () => {
  test("on processes, at three moments", full, () => killAtRandom("processLinks", { kills: 3, seed }));
  test("on processes, its shaper alone", full, () => killShaper("processLinks"));
  describe.skipIf(whyNoDocker !== undefined)(`on containers ${whyNoDocker ?? ""}`, () => {
    test("at two moments", full, () => killAtRandom("dockerLinks", { kills: 2, seed }));
    test("its shaper alone", full, () => killShaper("dockerLinks"));
  });
});
