// Checks who imports whom: the table of folders below, the owners of vendor libraries, and that no files import each
// other in a circle. Imports of types count. `npm run check` runs it.
import { registerHooks } from "node:module";
import { root } from "./node.mjs";

/** Folder at the top of src/ → what it may import besides itself. Folders of one height meet through contracts. */
const below = {
  core: [],
  contracts: ["core"],
  validator: ["core"],
  peer: ["contracts", "core"],
  shaper: ["contracts", "core"],
  metrics: ["contracts", "core"],
  deploy: ["contracts", "core"],
  links: ["contracts", "core"],
  protocol: [
    "contracts",
    "core",
    "validator/wire",
    "peer/config.ts",
    "peer/browser/find-chromium.ts",
    "peer/host/config.ts",
  ],
  load: ["protocol", "metrics", "contracts", "core"],
  options: ["links", "load/level", "load/timeline", "validator/wire", "contracts", "core"],
  results: ["options", "links", "load/level", "load/timeline", "metrics", "contracts", "core"],
  run: ["results", "options", "load", "links", "protocol", "deploy", "metrics", "contracts", "core"],
  doctor: ["results", "options", "load", "deploy", "metrics", "contracts", "core"],
  server: ["run", "results", "options", "metrics", "contracts", "core"],
  cli: [
    "server",
    "run",
    "doctor",
    "results",
    "options",
    "load",
    "links",
    "protocol",
    "deploy",
    "metrics",
    "contracts",
    "core",
  ],
};

/** Inner folders that must stand alone → what they may import besides themselves. */
const inner = {
  "results/schema": ["results/schema", "options", "load/timeline", "metrics/stats", "contracts", "core"],
  "load/level": [
    "load/level",
    "load/timeline",
    "load/plan",
    "load/pacing",
    "metrics/stats",
    "contracts",
    "core",
  ],
  "load/timeline": ["load/timeline", "contracts", "core"],
  "metrics/stats": ["metrics/stats", "contracts", "core"],
  "validator/engine": ["validator/engine", "validator/wire", "core"],
  "validator/wire": ["validator/wire", "core"],
};

/** Vendor library → the only files that may import it. */
const owners = {
  dockerode: ["deploy/engine/client.ts"],
  "tar-stream": ["deploy/images/tar.ts"],
  undici: ["core/http.ts"],
  ws: ["server/lighthouse", "protocol/rpc/websocket.ts", "validator/rpc/websocket.ts", "peer/store"],
  "@automerge": ["peer/store"],
  yaml: ["core/documents/yaml.ts"],
  "cli-table3": ["results/report/text/table.ts"],
  "fast-xml-builder": ["results/report/text/xml.ts"],
  "puppeteer-core": ["peer/browser"],
  koffi: ["shaper/kernel/libc.ts"],
  inquirer: ["cli/terminal/prompt.ts"],
  "micro-eth-signer": ["protocol/ethereum/transaction.ts"],
  "node-ssh": ["deploy/ssh/session/client.ts"],
  "simple-statistics": ["metrics/stats/sample.ts"],
  zod: ["core/documents", "links/schema", "protocol/custom/schema", "protocol/flows/schema.ts"],
  ssh2: ["deploy/ssh/keys/keys.ts"],
  "@observablehq/plot": ["results/charts"],
  linkedom: ["results/charts"],
  fastify: ["server/http"],
  "@fastify/static": ["server/http"],
  "@fastify/rate-limit": ["server/http"],
};

const anyOf = (paths) => paths.map((path) => `^src/${path.replaceAll(".", "\\.")}(/|$)`);

// src/index.ts is the library's face: it may import all but cli.
const forbidden = [
  { name: "the library is no command", from: { path: "^src/index\\.ts$" }, to: { path: "^src/cli/" } },
  { name: "no-circle", from: {}, to: { circular: true } },
  { name: "no-unresolved", from: {}, to: { couldNotResolve: true } },
  {
    name: "no-development-package",
    from: {},
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
  },
  ...Object.entries({ ...below, ...inner }).map(([folder, allowed]) => ({
    name: `${folder} imports only what stands below it`,
    from: { path: `^src/${folder}/` },
    to: { path: "^src/", pathNot: anyOf([folder, ...allowed]) },
  })),
  ...Object.entries(owners).map(([library, files]) => ({
    name: `only ${files.join(" and ")} import ${library}`,
    from: { path: "^src/", pathNot: anyOf(files) },
    to: { path: `node_modules/(@types/)?${library}/` },
  })),
].map((rule) => ({ ...rule, severity: "error" }));

// It needs TypeScript's interface for programs, which TypeScript 7 does not have yet: its own copy is an older one.
registerHooks({
  resolve: (name, context, next) => next(name.replace(/^typescript(?=\/|$)/, "typescript-6"), context),
});
const { cruise } = await import("dependency-cruiser");
const { output } = await cruise(["src"], {
  baseDir: root,
  ruleSet: { forbidden },
  validate: true,
  outputType: "err",
  tsPreCompilationDeps: true,
  doNotFollow: { path: "node_modules" },
  enhancedResolveOptions: {
    extensions: [".ts", ".js", ".json", ".d.ts"],
    exportsFields: ["exports"],
    conditionNames: ["import", "types", "node", "default"],
  },
});
const found = typeof output === "string" ? output : JSON.stringify(output);
const isGood = /no dependency violations/.test(found);
console.log(found.trim());
process.exitCode = isGood ? 0 : 1;
