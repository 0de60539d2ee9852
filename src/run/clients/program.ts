import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeProgram } from "../../contracts/deployment.ts";
import { InvalidArgumentError } from "../../core/errors.ts";

/** As a module at `from` would find it; not every package lets its package.json be resolved. */
function folderOf(name: string, from: string = fileURLToPath(import.meta.url)): string {
  const found = (createRequire(from).resolve.paths(name) ?? [])
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, "package.json")));
  if (found === undefined) throw new InvalidArgumentError(`The package ${name} is not installed.`);
  return found;
}

/** The signer of Ethereum transactions, and what it needs itself. */
function signerPackages(): Record<string, string> {
  const signer = folderOf("micro-eth-signer");
  const packed = folderOf("micro-packed", join(signer, "index.js"));
  return {
    "micro-eth-signer": signer,
    "micro-packed": packed,
    "@noble/ciphers": folderOf("@noble/ciphers", join(signer, "index.js")),
    "@noble/curves": folderOf("@noble/curves", join(signer, "index.js")),
    "@noble/hashes": folderOf("@noble/hashes", join(signer, "index.js")),
    "@scure/base": folderOf("@scure/base", join(packed, "index.js")),
  };
}

/** The program that runs clients and all that it imports, from this package. */
export const clientProgram: NodeProgram = {
  kind: "node-program",
  name: "client",
  root: fileURLToPath(new URL("../../..", import.meta.url)),
  entry: "dist/load/client/main.js",
  include: [
    "dist/contracts",
    "dist/core",
    "dist/load",
    "dist/metrics",
    "dist/peer/config.js",
    "dist/protocol",
    "dist/validator/wire",
    "package.json",
  ],
  packages: { undici: folderOf("undici"), ws: folderOf("ws"), ...signerPackages() },
};
