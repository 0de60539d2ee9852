import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withMeasuredLinks } from "../../../src/cli/options/measured-links.ts";
import { gatherOptions } from "../../../src/cli/options/sources.ts";
import { checkParameters } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { hostsRun, validRun } from "../../results/sample-results.ts";
import { storeBundle } from "../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

/** What of links comes of a bundle with this run, on two hosts. */
async function like(run: typeof hostsRun, more: readonly string[] = []) {
  await using folder = await makeTemporaryFolder();
  const bundle = await storeBundle(folder.path, { runs: [run], finish: false });
  const path = join(bundle, "parameters.json");
  const hosts = ["paris", "tokyo"].map((name, at) => ({
    name,
    address: `${name}.example`,
    nodes: [at, at + 2],
  }));
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), nodes: 4, hosts }));
  const sources = { env: {}, readFile: () => "" };
  const argv = ["--links-like", bundle, ...more];
  const gathered = await withMeasuredLinks(gatherOptions("benchmark", { ...sources, argv }));
  const { parameters, diagnostics } = checkParameters(gathered.given, mysticeti);
  const told = [...gathered.diagnostics, ...diagnostics].map(({ message }) =>
    message.replaceAll(bundle, "BUNDLE"),
  );
  return { links: parameters.links, bundle, told };
}

const measured = {
  ...hostsRun,
  links: { before: { hosts: [], pairs: [{ from: "paris", to: "tokyo", rttMs: 220 }] } },
};

test("a region for each host, and half of the round trip between them", async () => {
  const { links, told, bundle } = await like(measured, ["--loss", "1%"]);
  expect(told).toEqual([]);
  expect(links).toMatchObject({
    name: `like ${bundle}, loss 1%`,
    document: {
      regions: ["paris", "tokyo"],
      assign: ["paris", "tokyo", "paris", "tokyo"],
      "region-pairs": [{ from: "paris", to: "tokyo", delay: "110ms" }],
      default: { loss: "1%" },
    },
  });
});

test("a run that measured nothing between hosts, and a folder that is no bundle, are refused", async () => {
  const { told } = await like({ ...validRun });
  expect(told).toEqual([
    "--links-like: BUNDLE: its runs measured no round trip between hosts. Use the bundle of a run on several hosts.",
  ]);
  const argv = ["--links-like", "/no/bundle"];
  const gathered = gatherOptions("benchmark", { argv, env: {}, readFile: () => "" });
  const { diagnostics } = await withMeasuredLinks(gathered);
  expect(diagnostics).toMatchObject([{ message: expect.stringMatching(/^--links-like: .*\/no\/bundle/) }]);
});
