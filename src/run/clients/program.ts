import { fileURLToPath } from "node:url";
import type { NodeProgram } from "../../contracts/deployment.ts";
import { packageClosure } from "../../core/process/packages.ts";

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
    "dist/peer/browser/find-chromium.js",
    "dist/peer/config.js",
    "dist/peer/host/config.js",
    "dist/protocol",
    "dist/validator/wire",
    "package.json",
  ],
  packages: packageClosure(["undici", "ws", "micro-eth-signer"], import.meta.url),
};
