/** Emulated links, and a timeline that changes them, under a load that the nodes make. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openValidator } from "../results/schemas.ts";
import { openSetting } from "./setting.ts";

const file = fileURLToPath(new URL("../../examples/native/native.yaml", import.meta.url));
const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8"));
const args = ["--protocol", file, "--loads=100", "--delay=25ms"];

test("links are certified, changed and recorded, and verify computes all of it again", async () => {
  await using setting = await openSetting();
  const timeline = join(setting.home, "timeline.yaml");
  await writeFile(
    timeline,
    "- { at: 2s, for: 2s, set: { delay: 60ms } }\n- { at: 5s, for: 1s, pause: node3 }\n",
  );
  const { code, stdout } = await setting.start("benchmark", [
    ...args,
    "--duration=12",
    "--timeline",
    timeline,
  ]).ended;
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^LINKS delay 25ms: (nfqueue|netem|relay)/m)]);
  expect(stdout).toMatch(/^TIMELINE .*timeline\.yaml/m);
  expect(stdout).toMatch(/^ +node3 pause +5\.00/m);

  const bundle = await setting.bundle();
  const run = await readJson(bundle, "local_native_1_100txs.json");
  expect((await openValidator("native-run"))(run)).toEqual([]);
  expect(run.verdict).toMatchObject({ status: "valid", reasons: [] });
  const { link_certificate: certificate, results } = run;
  expect(certificate).toMatchObject({ links: 12, measured: 12 });
  for (const { got_ms } of certificate.rows) expect(Math.abs(got_ms - 25)).toBeLessThan(1.3);
  expect(results.link_changes).toMatchObject([
    { action: "set", stage: "begin", asked_secs: 2, links: 12 },
    { action: "set", stage: "end", asked_secs: 4, links: 12 },
  ]);
  expect(results.faults).toMatchObject([
    { node: "node3", action: "pause", asked_secs: 5 },
    { node: "node3", action: "resume", asked_secs: 6 },
  ]);
  for (const { asked_secs, issued_secs, effective_secs } of [...results.link_changes, ...results.faults]) {
    expect(issued_secs).toBeGreaterThanOrEqual(asked_secs);
    expect(effective_secs).toBeGreaterThanOrEqual(issued_secs);
  }
  const probes = await readJson(bundle, "links-1.json");
  expect(probes).toMatchObject({ under_load: true, window_secs: 12 });
  for (const { before, after } of probes.links) expect([before.sent, after.sent]).toEqual([200, 50]);
  // Every change was in force: echoes took that long then.
  for (const { during } of probes.links) {
    const changed = during.at_secs.findIndex((at: number) => at > 2.2 && at < 3.8);
    expect(during.delays_ms[changed]).toBeGreaterThan(55);
  }

  const verify = () => setting.start("baleen", ["verify", bundle]).ended;
  expect((await verify()).code).toBe(0);
  const text = await readFile(join(bundle, "links-1.json"), "utf8");
  await writeFile(join(bundle, "links-1.json"), text.replace('"p50_ms": 25', '"p50_ms": 35'));
  const edited = await verify();
  expect([edited.code, edited.stdout]).toEqual([3, expect.stringContaining("link_certificate")]);
  await setting.expectNothingLeft();
}, 120_000);

test("a timeline that would end nodes is refused before anything starts", async () => {
  await using setting = await openSetting();
  const { code, stderr } = await setting.start("benchmark", [
    ...args,
    "--duration=60",
    "--timeline=node-failure",
  ]).ended;
  expect([code, stderr]).toEqual([2, expect.stringContaining("a crash loses what a node has counted")]);
  await setting.expectNothingLeft();
});
