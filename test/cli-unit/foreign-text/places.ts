/** Places from which commands take text that others wrote. */
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownPid, readProcess } from "../../../src/core/process/processes.ts";

import { censoredRun } from "../../results/sample-results.ts";
import { storeBundle } from "../../results/stored-bundle.ts";

export interface Invocation {
  /** After `baleen`. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Place {
  readonly name: string;
  /** @param folder of the place's own */
  readonly prepare: (text: string, folder: string) => Promise<Invocation> | Invocation;
  /** The text is not shown at all. */
  readonly silent?: true;
}

const once = ["--runtime=process", "--allow-no-faults", "--committee=1", "--loads=10", "--duration=1"];

/** A file with this content, that is checked. */
const validating =
  (file: string, content: (text: string) => string) => async (text: string, folder: string) => {
    const path = join(folder, file);
    await writeFile(path, content(text));
    return { argv: ["validate", path] };
  };

/** The same of links. */
const linked = (content: (text: string) => string) => async (text: string, folder: string) => {
  const path = join(folder, "links.yaml");
  await writeFile(path, content(text));
  return { argv: ["links", path] };
};

/** YAML knows JSON's strings. */
const quoted = (text: string) => JSON.stringify(text);

/** Puts the text in place of all values of these keys. */
function poisonKeys(value: unknown, text: string): unknown {
  const free =
    /^(reason|reasons|host|kernel|cpuModel|otherContainers|endedEarly|commandLine|node|nodes|path|title)$/;
  const put = (part: unknown): unknown =>
    typeof part === "string" ? text : Array.isArray(part) ? part.map(put) : part;
  if (Array.isArray(value)) return value.map((one) => poisonKeys(one, text));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const isText = typeof part === "string" || (Array.isArray(part) && typeof part[0] === "string");
      return [key, free.test(key) && isText ? put(part) : poisonKeys(part, text)];
    }),
  );
}

async function bundleOf(text: string, folder: string): Promise<string> {
  const runs = [{ ...(poisonKeys(censoredRun, text) as typeof censoredRun), benchmarkNumber: 1 }];
  return await storeBundle(folder, { runs, endedEarly: text });
}

/** A bundle, and a command that shows it. */
const showing =
  (argv: (bundle: string) => readonly string[], change?: (bundle: string, text: string) => Promise<void>) =>
  async (text: string, folder: string) => {
    const bundle = await bundleOf(text, folder);
    await change?.(bundle, text);
    return { argv: argv(bundle) };
  };

/** This process holds the machine's lock under another name. */
async function lockMachine(text: string, folder: string): Promise<Record<string, string>> {
  const processStart = (await readProcess(ownPid))?.start;
  const holder = { pid: ownPid, processStart, run: text, since: text, command: text, id: "one" };
  await mkdir(join(folder, "baleen"), { recursive: true });
  await writeFile(join(folder, "baleen", "lock"), JSON.stringify(holder));
  return { XDG_STATE_HOME: folder };
}

/** A description of a system whose program says this and ends. */
const description = (more: string, title = "a program") => `name: talker
title: ${quoted(title)}
tolerates: none
nodes:
  - role: talker
    program: { binary: node, image: "node:24", entrypoint: [node], remedy: Install it. }
    ports: { rpc: any }
    files: [{ path: talk.mjs, copy: talk.mjs }]
    command: ["\${node.home}/talk.mjs"]
health: { path: /health }
transaction:
  method: POST
  path: /notes
  json: { text: "\${transaction}" }
  accepted: { status: 201 }
  largest-bytes: 65536
${more}`;

async function describe(text: string, folder: string, yaml: string): Promise<string> {
  const path = join(folder, "talker.yaml");
  await writeFile(path, yaml);
  await writeFile(
    join(folder, "talk.mjs"),
    `process.stdout.write(${quoted(`${text}\n`)}); process.exitCode = 3;`,
  );
  return path;
}

export const places: readonly Place[] = [
  { name: "a command", prepare: (text) => ({ argv: [text] }) },
  { name: "a flag", prepare: (text) => ({ argv: ["benchmark", `--${text}`] }) },
  { name: "a flag's value", prepare: (text) => ({ argv: ["benchmark", "--loads", text] }) },
  { name: "a superfluous word", prepare: (text) => ({ argv: ["ls", "x", text] }) },
  { name: "the name of a bundle", prepare: (text) => ({ argv: ["show", text] }) },
  { name: "a missing file", prepare: (text) => ({ argv: ["validate", text] }) },
  { name: "a missing hosts file", prepare: (text) => ({ argv: ["hosts", "check", "--hosts", text] }) },
  { name: "a missing file of options", prepare: (text) => ({ argv: ["benchmark", "--config", text] }) },
  { name: "a variable's value", prepare: (text) => ({ argv: ["benchmark"], env: { BALEEN_LOADS: text } }) },
  {
    name: "a host's variable",
    prepare: (text) => ({ argv: ["hosts", "check"], env: { MYSTICETI_NODE0_HOST: text } }),
  },
  { name: "a value in YAML", prepare: validating("bench.yaml", (text) => `loads: ${quoted(text)}\n`) },
  { name: "a key in YAML", prepare: validating("bench.yaml", (text) => `${quoted(text)}: 1\n`) },
  {
    silent: true,
    name: "an alias in YAML",
    prepare: validating("bench.yaml", (text) => `loads: *${text}\n`),
  },
  {
    silent: true,
    name: "a key given twice in YAML",
    prepare: validating("bench.yaml", (text) => `loads: 1\n${quoted(text)}: 1\n${quoted(text)}: 2\n`),
  },
  {
    name: "a variable in YAML",
    prepare: validating("bench.yaml", (text) => `loads: ${quoted(`\${${text}}`)}\n`),
    silent: true,
  },
  {
    name: "a host in YAML",
    prepare: validating("hosts.yaml", (text) => `hosts: [{ address: ${quoted(text)} }]\n`),
  },
  {
    name: "a key of hosts",
    prepare: validating("hosts.yaml", (text) => `hosts: [{ address: a, ${quoted(text)}: 1 }]\n`),
  },
  {
    name: "a value in hosts.env",
    prepare: validating(
      "hosts.env",
      (text) => `MYSTICETI_NODE0_HOST=${quoted(text).replaceAll("\\u001b", "\x1b")}\n`,
    ),
  },
  {
    silent: true,
    name: "a line of hosts.env",
    prepare: validating("hosts.env", (text) => `MYSTICETI_NODE0_HOST=a\n${text}\n`),
  },
  {
    name: "a phase",
    prepare: validating("phases.yaml", (text) => `phases: [{ name: ${quoted(text)}, duration: 0 }]\n`),
  },
  { silent: true, name: "a trace", prepare: validating("trace.csv", (text) => `at,load\n0,${text}\n`) },
  {
    silent: true,
    name: "the title of a description",
    prepare: async (text, folder) => ({
      argv: ["protocols", await describe(text, folder, description("", text))],
    }),
  },
  {
    name: "a key of a description",
    prepare: async (text, folder) => ({
      argv: ["protocols", await describe(text, folder, description(`${quoted(text)}: 1\n`))],
    }),
  },
  { name: "the name of links", prepare: (text) => ({ argv: ["links", text] }) },
  {
    name: "a region of links",
    prepare: linked((text) => `regions: [eu]\nregion-pairs: [{ from: eu, to: ${quoted(text)} }]\n`),
  },
  { silent: true, name: "the source of links", prepare: linked((text) => `source: ${quoted(text)}\n`) },
  { name: "a delay of links", prepare: linked((text) => `default: { delay: ${quoted(text)} }\n`) },
  {
    name: "a node's log",
    prepare: async (text, folder) => ({
      argv: [
        "benchmark",
        "--protocol",
        await describe(text, folder, description("")),
        ...once,
        `--output-dir=${folder}/out`,
      ],
      env: { XDG_STATE_HOME: folder },
    }),
  },
  { name: "a bundle that is shown", prepare: showing((bundle) => ["show", bundle]) },
  { name: "a bundle as JSON", prepare: showing((bundle) => ["show", bundle, "--json"]) },
  { name: "a bundle that is reported", prepare: showing((bundle) => ["report", bundle]) },
  {
    name: "bundles that are compared",
    prepare: showing((bundle) => ["compare", bundle, bundle]),
    silent: true,
  },
  { name: "bundles that are listed", prepare: showing((bundle) => ["ls", join(bundle, "..")]) },
  {
    name: "a bundle that is verified",
    prepare: showing(
      (bundle) => ["verify", bundle],
      async (bundle, text) => writeFile(join(bundle, text.replaceAll("\n", "\r")), ""),
    ),
  },
  {
    silent: true,
    name: "a bundle that is no JSON",
    prepare: showing(
      (bundle) => ["show", bundle],
      (bundle, text) => writeFile(join(bundle, "summary.json"), text),
    ),
  },
  {
    silent: true,
    name: "a bundle of another form",
    prepare: showing(
      (bundle) => ["show", bundle],
      async (bundle, text) => {
        const path = join(bundle, "summary.json");
        const document = JSON.parse(await readFile(path, "utf8")) as object;
        await writeFile(path, JSON.stringify({ ...document, schema: text }));
      },
    ),
  },
  {
    name: "a bundle's log",
    prepare: showing(
      (bundle) => ["logs", "node0", `--bundle=${bundle}`],
      async (bundle, text) => {
        const logs = join(bundle, "logs");
        for (const name of await readdir(logs))
          await appendFile(join(logs, name), `| ${text.replace("\n", "\n| ")}\n`);
      },
    ),
  },
  {
    name: "the holder of the lock, at a run",
    prepare: async (text, folder) => ({
      argv: ["benchmark", ...once, `--output-dir=${folder}/out`],
      env: await lockMachine(text, folder),
    }),
  },
  {
    name: "the holder of the lock, at status",
    prepare: async (text, folder) => ({ argv: ["status"], env: await lockMachine(text, folder) }),
  },
  {
    name: "the folder of a run",
    prepare: async (text, folder) => {
      await mkdir(join(folder, "baleen", "runs", text), { recursive: true });
      return { argv: ["clean"], env: { XDG_STATE_HOME: folder } };
    },
  },
];
