/** The link shaper as a program: for images, and as a process of this machine. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeProgram } from "../../contracts/deployment.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { findPackage } from "../../core/process/packages.ts";

const folderOf = (name: string) => findPackage(name, import.meta.url);

/** UDP and TCP port of a node's probes, where the node has a network of its own. */
export const probePort = 26_800;

/** Ethernet's, which bridges and veth pairs have too. */
export const mtuBytes = 1500;

/** The files of koffi that run; the rest of its 4 MB are sources. */
const koffiFiles = ["package.json", "index.cjs", "src/koffi/index.cjs", "src/koffi/src/static.cjs"];
const zodFiles = ["package.json", "index.cjs", "v4", "locales"];

const partsOf = (name: string, files: readonly string[]) => {
  const folder = folderOf(name);
  if (folder === undefined) return {};
  const present = files.filter((file) => existsSync(join(folder, file)));
  return Object.fromEntries(present.map((file) => [`${name}/${file}`, join(folder, file)]));
};

/** koffi's library for a processor as Docker names it, which npm installs on machines of that kind. */
const libraryFor = (arch: string) => `@koromix/koffi-linux-${arch === "amd64" ? "x64" : arch}`;

/** For an engine whose processor is `arch`, as Docker names it. */
export function shaperProgram(arch: string): NodeProgram {
  const library = libraryFor(arch);
  const folder = folderOf(library);
  return {
    kind: "node-program",
    name: "shaper",
    root: fileURLToPath(new URL("../../..", import.meta.url)),
    entry: "dist/shaper/main.js",
    include: [
      "dist/contracts/links",
      "dist/contracts/nodes/overlay.js",
      "dist/core",
      "dist/shaper",
      "package.json",
    ],
    packages: {
      ...partsOf("koffi", koffiFiles),
      ...partsOf("zod", zodFiles),
      ...(folder === undefined ? {} : { [library]: folder }),
    },
  };
}

/** What the shaper lacks on this machine to run on a machine of that kind. */
export function checkShaperPackages(arch: string): readonly Diagnostic[] {
  const missing = ["koffi", libraryFor(arch)].filter((name) => folderOf(name) === undefined);
  if (missing.length === 0) return [];
  const message = `links: the link shaper needs ${missing.join(" and ")}, which npm did not install here. Install: npm install --no-save --force ${missing.join(" ")}`;
  return [{ code: "links", message }];
}

/** The same file as those of the other folders of this package, whether it is compiled or not. */
export const shaperEntry = join(
  dirname(fileURLToPath(import.meta.url)),
  `../../shaper/main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`,
);
