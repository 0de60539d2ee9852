import { posix } from "node:path";
import { expect, test } from "vitest";
import { readAssets } from "../../../src/server/http/assets.ts";

test("every script of the pages finds all that it imports, and nothing of the server's own is served", async () => {
  const assets = await readAssets();
  const scripts = [...assets].filter(([path]) => path.endsWith(".js") && path !== "uPlot.js");
  expect(scripts.length).toBeGreaterThan(10);
  const missing = scripts.flatMap(([path, { content }]) =>
    [...content.toString("utf8").matchAll(/\bfrom "([^"]+)"|\bimport\(?"([^"]+)"/g)]
      .map(([, first, second]) => posix.join(posix.dirname(path), first ?? second ?? ""))
      .filter((other) => !assets.has(other)),
  );
  expect(missing).toEqual([]);
  expect([...assets.keys()].filter((path) => /^server\/(http|dashboard|export)\/|^run\//.test(path))).toEqual(
    [],
  );
});
