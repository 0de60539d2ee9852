/** Pages, scripts and styles: a handful of files, read once. */

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
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

/** What the pages share with the server, in the folder of all compiled modules. */
const shared = [
  "server/feed/run-state.js",
  "server/feed/machines-state.js",
  "server/feed/node-health.js",
  "results/report/text/figures.js",
];

/** Scripts are compiled, also those of a program that runs from its sources. */
function compiledFolder(): string {
  const folder = fileURLToPath(new URL("../..", import.meta.url));
  return import.meta.url.endsWith(".ts") ? join(folder, "..", "dist") : folder;
}

/** By their paths below /assets/. @throws where this package is not whole */
export async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  const uplot = dirname(createRequire(import.meta.url).resolve("uplot"));
  const folder = compiledFolder();
  const compiled = (path: string) => [path, join(folder, path)] as const;
  const own = await readdir(join(folder, browser));
  const files: readonly (readonly [string, string])[] = [
    ...own.filter((name) => /\.(js|css|html|svg)$/.test(name)).map((name) => compiled(`${browser}/${name}`)),
    ...shared.map(compiled),
    ["uPlot.js", join(uplot, "uPlot.iife.min.js")],
    ["uPlot.css", join(uplot, "uPlot.min.css")],
  ];
  const read = files.map(async ([path, file]) => {
    const type = types[path.slice(path.lastIndexOf(".") + 1) as keyof typeof types];
    return [path, { type, content: await readFile(file) }] as const;
  });
  return new Map(await Promise.all(read));
}
