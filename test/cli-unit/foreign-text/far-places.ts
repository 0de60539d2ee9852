/** Places on the other side of a connection. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair } from "../../../src/deploy/ssh/keys/ed25519.ts";
import type { Place } from "./places.ts";
import { type SshReply, startChatter, startEngine, startSshHost } from "./stand-ins.ts";

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
    await writeFile(key, generateKeyPair("client").privateKey, { mode: 0o600 });
    const env = {
      ...{ MYSTICETI_NODE0_HOST: "127.0.0.1", MYSTICETI_NODE0_SSH_PORT: String(port) },
      ...{ MYSTICETI_NODE0_SSH_USER: "me", MYSTICETI_NODE0_SSH_KEY: key },
    };
    const known = `--known-hosts=${join(folder, "known_hosts")}`;
    return { argv: ["hosts", action, "--host-key-policy=accept-new", known, "--ssh-timeout=5"], env };
  };

export const farPlaces: readonly Place[] = [
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
