/** Places from which commands take text that others wrote. */
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ssh2 from "ssh2";
import { ownPid, readProcess } from "../../../src/core/process/processes.ts";

import { censoredRun } from "../../results/sample-results.ts";
import { storeBundle } from "../../results/stored-bundle.ts";
import { type SshReply, startChatter, startEngine, startSshHost } from "./stand-ins.ts";

interface Invocation {
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

/** An engine, and a docker command, that answer with the text. */
async function withEngine(text: string, folder: string): Promise<Record<string, string>> {
  const socketPath = join(folder, "docker.sock");
  await startEngine(socketPath, text);
  const docker = '#!/bin/sh\ncase "$*" in *version*) echo 2.24.5;; *) cat "$0.says" >&2; exit 1;; esac\n';
  await writeFile(join(folder, "docker"), docker, { mode: 0o755 });
  await writeFile(join(folder, "docker.says"), text);
  return { DOCKER_HOST: `unix://${socketPath}`, PATH: `${folder}:/usr/bin:/bin`, XDG_STATE_HOME: folder };
}

const onEngine =
  (...argv: readonly string[]) =>
  async (text: string, folder: string) => ({
    argv,
    env: await withEngine(text, folder),
  });

/** A host whose survey goes well, with the text in what it finds. */
const surveyed = (text: string, mark: string): SshReply => {
  const line = text.replaceAll("\n", " ");
  const os = [`os-release PRETTY_NAME="${line}"`, "os-release ID=debian", "package-tool apt-get"];
  const found = [
    "kernel-name Linux",
    "kernel-release 6.1",
    "machine x86_64",
    "cpus 2",
    "user me",
    "init systemd",
  ];
  const survey = [
    "baleen-survey 1",
    ...os,
    ...found,
    "sudo passwordless",
    `engine-failure ${line}`,
    "end survey",
  ];
  return { stdout: `${survey.join("\n")}\n`, stderr: `${mark} 4242 1\n`, exitCode: 0 };
};

const onHost =
  (action: string, answer: (text: string, line: string, mark: string) => SshReply) =>
  async (text: string, folder: string) => {
    const port = await startSshHost(text, (line, mark) => answer(text, line, mark));
    const key = join(folder, "key");
    await writeFile(key, ssh2.utils.generateKeyPairSync("ed25519").private, { mode: 0o600 });
    const env = {
      ...{ MYSTICETI_NODE0_HOST: "127.0.0.1", MYSTICETI_NODE0_SSH_PORT: String(port) },
      ...{ MYSTICETI_NODE0_SSH_USER: "me", MYSTICETI_NODE0_SSH_KEY: key },
    };
    const known = `--known-hosts=${join(folder, "known_hosts")}`;
    return { argv: ["hosts", action, "--host-key-policy=accept-new", known, "--ssh-timeout=5"], env };
  };

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
  { name: "an engine's version, at doctor", prepare: onEngine("doctor", "--runtime=docker") },
  { name: "an engine's containers", prepare: onEngine("status") },
  { name: "an engine's containers, to remove", prepare: onEngine("clean", "--images") },
  { name: "an engine that refuses", prepare: onEngine("clean", "--yes", "--images") },
  {
    name: "compose that refuses",
    prepare: onEngine("benchmark", "--runtime=docker", "--allow-no-faults", "--committee=1"),
  },
  {
    name: "no SSH server",
    prepare: async (text) => ({
      argv: ["hosts", "check", "--ssh-timeout=5"],
      env: { MYSTICETI_NODE0_HOST: "127.0.0.1", MYSTICETI_NODE0_SSH_PORT: String(await startChatter(text)) },
    }),
    silent: true,
  },
  {
    name: "a host's banner and system",
    prepare: onHost("check", (text, _line, mark) => surveyed(text, mark)),
  },
  {
    name: "a command that fails on a host",
    prepare: onHost("check", (text, _line, mark) => ({ stderr: `${mark} 4242 1\n${text}`, exitCode: 1 })),
  },
  {
    name: "the holder of a host's lock",
    prepare: onHost("prepare", (text, _line, mark) => {
      const holder = JSON.stringify({ run: text, holder: text, since: text });
      return { stdout: `busy ${holder}\n`, stderr: `${mark} 4242 1\n`, exitCode: 0 };
    }),
  },
  {
    name: "sudo on a host",
    prepare: onHost("prepare", (text, line, mark) => {
      if (line.includes("baleen-host-lock")) return { stdout: "held\n", stderr: `${mark} 4242 1\n` };
      if (!/^.{0,40}\bsudo\b/.test(line)) return surveyed("a system", mark);
      return { stderr: `sudo: ${text.replaceAll("\n", "\r")} a password is required\n`, exitCode: 1 };
    }),
  },
];
