import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
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

test("holds every folder and every package that the client's process imports", () => {
  const { modules, packages } = follow(
    readdirSync(join(source, "load/client")).map((name) => `load/client/${name}`),
  );
  const isHeld = (module: string) => {
    const built = `dist/${module.replace(/\.ts$/, ".js")}`;
    return clientProgram.include.some((part) => built === part || built.startsWith(`${part}/`));
  };
  expect([...modules].some((module) => module.startsWith("protocol/"))).toBe(true);
  expect([...modules].filter((module) => !isHeld(module))).toEqual([]);
  expect([...packages].filter((name) => clientProgram.packages?.[name] === undefined)).toEqual([]);
});
