/** Pages, scripts and styles: a handful of files, read once. */

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const browser = "server/browser";

export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

const types = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
} as const;

/** The modules that a compiled one imports, by their paths in it. */
const imported = /^\s*(?:import|export)\b[^"';]*?"(\.{1,2}\/[^"]+)"/gm;

/** Scripts are compiled, also those of a program that runs from its sources. */
function compiledFolder(): string {
  const folder = fileURLToPath(new URL("../..", import.meta.url));
  return import.meta.url.endsWith(".ts") ? join(folder, "..", "dist") : folder;
}

/** By their paths below /assets/. @throws where this package is not whole */
export async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  const uplot = dirname(createRequire(import.meta.url).resolve("uplot"));
  const folder = compiledFolder();
  const assets = new Map<string, Asset>();
  const read = async (path: string, file: string) => {
    const type = types[path.slice(path.lastIndexOf(".") + 1) as keyof typeof types];
    const content = await readFile(file);
    assets.set(path, { type, content });
    return content;
  };
  /** A file in the folder of all compiled modules, and those that it shares with the server. */
  const readCompiled = async (path: string): Promise<void> => {
    if (assets.has(path)) return;
    const content = await read(path, join(folder, path));
    if (!path.endsWith(".js")) return;
    for (const [, other = ""] of content.toString("utf8").matchAll(imported)) {
      await readCompiled(posix.join(posix.dirname(path), other));
    }
  };
  for (const name of await readdir(join(folder, browser))) {
    if (/\.(js|css|html|svg)$/.test(name)) await readCompiled(`${browser}/${name}`);
  }
  await read("uPlot.js", join(uplot, "uPlot.iife.min.js"));
  await read("uPlot.css", join(uplot, "uPlot.min.css"));
  return assets;
}
