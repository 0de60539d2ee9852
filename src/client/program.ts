import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeProgram } from "../contracts/deployment.ts";

const resolve = createRequire(import.meta.url).resolve;
const folderOf = (name: string) => dirname(resolve(`${name}/package.json`));

/** The program that runs clients (main.ts) and all that it imports, from the package that this file belongs to. */
export const clientProgram: NodeProgram = {
  kind: "node-program",
  name: "client",
  root: fileURLToPath(new URL("../..", import.meta.url)),
  entry: "dist/client/main.js",
  include: [
    "dist/client",
    "dist/config",
    "dist/contracts",
    "dist/core",
    "dist/load",
    "dist/process",
    "dist/protocol",
    "dist/stats",
    "dist/timeline",
    "dist/wire",
    "package.json",
  ],
  packages: { undici: folderOf("undici"), ws: folderOf("ws") },
};
