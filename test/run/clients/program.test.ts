import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { NodeProgram } from "../../../src/contracts/deployment.ts";
import { browsers } from "../../../src/protocol/browsers/browsers.ts";
import { clientProgram } from "../../../src/run/clients/program.ts";

const source = fileURLToPath(new URL("../../../src", import.meta.url));
/** `from "…"`, `import "…"` and `import("…")`; types leave nothing behind. */
const reference = /^(?:import|export)(?! type\b)[^;]*?\bfrom "([^"]+)"|\bimport\(?\s*"([^"]+)"/gm;

/** All modules that these load, they themselves included, and the packages that are imported. */
function follow(entries: readonly string[]) {
  const found = { modules: new Set<string>(), packages: new Set<string>() };
  const visit = (module: string) => {
    if (found.modules.has(module)) return;
    found.modules.add(module);
    for (const [, ...names] of readFileSync(join(source, module), "utf8").matchAll(reference)) {
      const name = names.find((one) => one !== undefined) ?? "";
      if (name.startsWith(".")) visit(normalize(join(dirname(module), name)));
      else if (!name.startsWith("node:")) found.packages.add(name);
    }
  };
  for (const entry of entries) visit(entry);
  return found;
}

const [browser, helper] = browsers
  .plan({ nodes: 1, options: { chromium: process.execPath } })
  .groups.map(({ program }) => program as NodeProgram);
const clients = readdirSync(join(source, "load/client")).map((name) => `load/client/${name}`);

test.each([
  ["client", clientProgram, clients],
  ["browser", browser, ["peer/browser/main.ts"]],
  ["server of a test", helper, ["server/helper/main.ts"]],
])("holds every folder and every package that the process of a %s imports", (_, program, entries) => {
  const { modules, packages } = follow(entries);
  const isHeld = (module: string) => {
    const built = `dist/${module.replace(/\.ts$/, ".js")}`;
    return program?.include.some((part) => built === part || built.startsWith(`${part}/`));
  };
  expect(modules.size).toBeGreaterThan(entries.length);
  expect([...modules].filter((module) => !isHeld(module))).toEqual([]);
  expect([...packages].filter((name) => program?.packages?.[name] === undefined)).toEqual([]);
});
