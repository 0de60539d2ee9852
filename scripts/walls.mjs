// The walls of the house, as one table: which room may import which, and which file owns which vendor library.
// Writes the `overrides` of biome.json from it; with --check it only says whether they are current.
import { readFile, writeFile } from "node:fs/promises";

/** Room → rooms it may import besides itself. A room that is not named may not be imported. */
const below = {
  core: [],
  contracts: ["core"],
  stats: ["core", "contracts"],
  timeline: ["core", "contracts"],
  config: ["core", "contracts", "timeline"],
  wire: ["core"],
  validator: ["core", "wire"],
};
const floor2 = ["core", "contracts", "stats", "timeline", "config"];
const floor3 = ["load", "docker", "process", "protocol", "ssh", "provision", "metrics"];
for (const room of floor3) below[room] = floor2;
below.protocol = [...floor2, "wire"];
below.client = [...floor2, "load", "protocol", "process"];
below.network = [...floor2, ...floor3];
below.testbed = [...floor2, ...floor3];
below.faults = ["core", "contracts", "timeline"];
below.bundle = floor2;
below.benchmark = [...below.network, "client", "network", "faults", "bundle"];
below.report = [...below.benchmark, "benchmark"];
below.verify = [...below.report, "report"];
below.doctor = [...below.report, "report"];
below.cli = [...below.report, "report", "verify", "testbed", "doctor"];

/** Vendor library → the only files that may import it (one for each house that needs it). */
const owners = {
  ajv: ["src/core/json-schema.ts"],
  dockerode: ["src/docker/client.ts"],
  "tar-stream": ["src/docker/tar.ts"],
  undici: ["src/core/http.ts"],
  ws: ["src/protocol/websocket.ts", "src/validator/rpc/websocket.ts"],
  yaml: ["src/core/yaml.ts"],
  yargs: ["src/cli/arguments.ts"],
  "cli-table3": ["src/report/table.ts"],
  "fast-xml-builder": ["src/report/xml.ts"],
  inquirer: ["src/cli/prompt.ts"],
  "micro-eth-signer": ["src/protocol/ethereum/signer.ts"],
  "node-ssh": ["src/ssh/client.ts"],
  "simple-statistics": ["src/stats/sample.ts"],
  ssh2: ["src/ssh/keys.ts"],
};

/** Files that may touch process, console and the environment: the command line and each process's entry. */
const edges = ["src/cli/**", "src/**/main.ts"];

const rooms = Object.keys(below);

function imports(room, vendors) {
  const forbidden = rooms.filter((other) => other !== room && !below[room].includes(other));
  const patterns = [
    ...(forbidden.length > 0
      ? [
          {
            group: forbidden.map((other) => `**/${other}/**`),
            message: `${room}/ stands below or beside that room: see ARCHITECTURE.md.`,
          },
        ]
      : []),
    {
      group: vendors.map((name) => `${name}/**`),
      message: "A library's own files, too, only its owner may import: see scripts/walls.mjs.",
    },
  ];
  const paths = Object.fromEntries(
    vendors.map((name) => [name, `Only ${owners[name].join(", ")} may import ${name}.`]),
  );
  return { level: "error", options: { paths, patterns } };
}

function overrides() {
  const all = Object.keys(owners);
  const rows = [];
  for (const room of rooms) {
    const owned = Object.entries(owners).flatMap(([vendor, files]) =>
      files.filter((file) => file.startsWith(`src/${room}/`)).map((file) => ({ vendor, file })),
    );
    rows.push({
      includes: [`src/${room}/**`, ...owned.map(({ file }) => `!${file}`)],
      linter: { rules: { style: { noRestrictedImports: imports(room, all) } } },
    });
    for (const { vendor, file } of owned) {
      rows.push({
        includes: [file],
        linter: {
          rules: {
            style: {
              noRestrictedImports: imports(
                room,
                all.filter((name) => name !== vendor),
              ),
            },
          },
        },
      });
    }
  }
  const deniedGlobals = {
    process: "Only cli/ and the main.ts of a process touch process; pass the value in.",
    console: "The library never prints; emit an event.",
  };
  rows.push({
    includes: ["src/**", ...edges.map((edge) => `!${edge}`)],
    linter: { rules: { style: { noRestrictedGlobals: { level: "error", options: { deniedGlobals } } } } },
  });
  rows.push({
    includes: [
      ...edges,
      "bin/**",
      "scripts/**",
      "test/**",
      "examples/**",
      "benchmarks/**",
      "vitest.config.ts",
    ],
    linter: { rules: { style: { noProcessEnv: "off" } } },
  });
  rows.push({
    includes: ["bin/**", "scripts/**", "examples/**", "benchmarks/**"],
    linter: { rules: { suspicious: { noConsole: "off" } } },
  });
  // Files that users write have variables in braces with a dollar, and so have the texts about them.
  rows.push({
    includes: ["src/protocol/custom/**", "test/protocol/custom*/**", "test/system/custom-*.test.ts"],
    linter: { rules: { suspicious: { noTemplateCurlyInString: "off" } } },
  });
  rows.push({
    includes: ["vitest.config.ts", "scripts/tally.mjs"],
    linter: { rules: { style: { noDefaultExport: "off" } } },
  });
  return rows;
}

const file = new URL("../biome.json", import.meta.url);
const config = JSON.parse(await readFile(file, "utf8"));
const wanted = overrides();
if (process.argv.includes("--check")) {
  if (JSON.stringify(config.overrides) !== JSON.stringify(wanted)) {
    console.error("biome.json does not hold the walls of scripts/walls.mjs. Run: npm run format");
    process.exit(1);
  }
} else {
  await writeFile(file, `${JSON.stringify({ ...config, overrides: wanted }, null, 2)}\n`);
}
