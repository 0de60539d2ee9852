/** A system that a file describes, from the first command to the comparison; its bundle needs the file no more. */
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openSetting } from "./setting.ts";

const example = fileURLToPath(new URL("../../examples/http-service", import.meta.url));
const load = ["--duration=2", "--warm-up=0.5", "--drain=5"];

test("a sweep on a described service is interrupted, gone on with without its file, verified and compared", {
  tags: "full",
}, async () => {
  await using setting = await openSetting();
  const folder = join(setting.home, "service");
  await cp(example, folder, { recursive: true });
  const first = setting.start("benchmark", [
    "--protocol=service/http-service.yaml",
    "--loads=40,60",
    ...load,
  ]);
  await first.says(/^Run 1 finished/);
  first.child.kill("SIGINT");
  expect((await first.ended).code).toBe(130);
  await rm(join(folder, "http-service.yaml"));

  const bundle = await setting.bundle();
  const unasked = await setting.start("benchmark", ["--resume", bundle]).ended;
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining("confirm with --yes.")]);
  const other = { env: { XDG_STATE_HOME: join(setting.home, "other") } };
  const elsewhere = await setting.start("benchmark", ["--resume", bundle, "--yes"], other).ended;
  expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining("you did not make it")]);
  const { code, stdout } = await setting.start("benchmark", ["--resume", bundle, "--yes"]).ended;
  expect(code).toBe(0);
  expect(stdout).toContain("(service/http-service.yaml)\n  Commits: not observed");
  const runs = (await readdir(bundle)).filter((name) => name.startsWith("local_benchmark_")).sort();
  expect(runs).toEqual(["local_benchmark_1_40txs.json", "local_benchmark_2_60txs.json"]);
  const parameters = JSON.parse(await readFile(join(bundle, "parameters.json"), "utf8")) as {
    readonly protocol: string;
    readonly protocol_description: { readonly sha256: string };
  };
  expect(parameters.protocol_description.sha256).toMatch(/^[0-9a-f]{64}$/);
  for (const name of runs) {
    expect(JSON.parse(await readFile(join(bundle, name), "utf8"))).toMatchObject({
      parameters: { protocol: parameters.protocol },
      results: { latency_kind: "response", failed_transactions: 0 },
    });
  }
  const verified = await setting.start("baleen", ["verify", bundle]).ended;
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining("AGREES: ")]);

  const own = ["--loads=40", ...load, "--output-dir=mysticeti"];
  expect((await setting.start("benchmark", own).ended).code).toBe(0);
  const [second] = await readdir(join(setting.home, "mysticeti"));
  const sides = ["compare", bundle, join("mysticeti", String(second))];
  const compared = await setting.start("baleen", sides).ended;
  expect(compared.code).toBe(0);
  expect(compared.stdout).toContain(`  protocol: ${parameters.protocol} and mysticeti\n`);
  expect(compared.stdout).toContain(
    "40 tx/s: A's numbers are of replies, B's of commits; they are not divided",
  );
  await setting.expectNothingLeft();
});
