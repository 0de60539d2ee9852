import { existsSync } from "node:fs";
import { type GoProgramName, goProgramPath } from "../../scripts/go-programs.ts";

/** Where a Go program is that is not ours, or why tests that need it cannot run here: building it takes minutes. */
export function findGoProgram(name: GoProgramName): { readonly path: string; readonly whyNot?: string } {
  const path = goProgramPath(name);
  if (existsSync(path)) return { path };
  return { path, whyNot: `${name} is not built; npm test, or node scripts/go-programs.ts ${name}, does it` };
}
