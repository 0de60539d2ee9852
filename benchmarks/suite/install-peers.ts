/**
 * Installs the load generators that the tool is measured beside: `node benchmarks/suite/install-peers.ts --help`.
 *
 * Each is pinned, comes from its registry through that one's own client, and is kept in a folder outside the repository.
 * What cannot be had is named with the reason, here and in every table that lacks it; that is no failure.
 */
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describeError } from "../../src/core/errors.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { readCommandLine, text } from "./command-line.ts";
import { failureFile, findPeers, type Peer, peerFolder, type Source } from "./peers/catalog.ts";
import { defaultCache } from "./sink/compile.ts";

const timeoutMs = 40 * 60_000;

async function main(): Promise<void> {
  const { into } = readCommandLine("Installs the load generators that the tool is measured beside.", {
    into: text("FOLDER", "where they are kept, outside the repository", defaultCache),
  });
  const cache = resolve(into);
  await mkdir(join(cache, "peers"), { recursive: true });
  const path = process.env.PATH ?? "";
  for (const found of await findPeers(cache, path)) {
    if (!("missing" in found) || found.peer.source.kind === "by-hand") continue;
    console.error(`installing ${found.peer.name} ${found.peer.version} …`);
    await install(found.peer, cache);
  }
  for (const found of await findPeers(cache, path)) {
    const { name, version } = found.peer;
    console.log(
      `${name} ${version}: ${"missing" in found ? `MISSING: ${found.missing}` : found.argv.at(-1)}`,
    );
  }
}

/** Into a folder beside its own, which takes its name once all is there. */
async function install(peer: Peer, cache: string): Promise<void> {
  const folder = peerFolder(cache, peer);
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await installers[peer.source.kind](peer, unfinished);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    await rm(failureFile(cache, peer), { force: true });
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    await writeFile(failureFile(cache, peer), `${describeError(error).split("\n").slice(0, 3).join(" ")}\n`);
  }
}

const installers: { readonly [Kind in Source["kind"]]: (peer: Peer, folder: string) => Promise<void> } = {
  debian: async ({ source }, folder) => {
    if (source.kind !== "debian") return;
    await run(["apt-get", "download", ...source.packages], folder);
    const files = (await readdir(folder)).filter((file) => file.endsWith(".deb"));
    for (const file of files) await run(["dpkg", "-x", file, "."], folder);
  },
  // A module of our own asks for the one version by name: `go install` would ask for the list of all, which not every
  // proxy keeps.
  go: async ({ name, version, source }, folder) => {
    if (source.kind !== "go") return;
    const lines = ["module baleen-suite-peer", "", "go 1.22", "", `require ${source.module} v${version}`, ""];
    await writeFile(join(folder, "go.mod"), lines.join("\n"));
    const program = join(folder, "bin", name);
    await run(["go", "build", "-mod=mod", "-modcacherw", "-o", program, source.command], folder);
  },
  cargo: async ({ version, source }, folder) => {
    if (source.kind !== "cargo") return;
    await run(["cargo", "install", "--locked", "--root", ".", `${source.crate}@${version}`], folder);
  },
  npm: async ({ version, source }, folder) => {
    if (source.kind !== "npm") return;
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--save-exact"];
    await writeFile(join(folder, "package.json"), "{}\n");
    await run(["npm", "install", ...flags, `${source.package}@${version}`], folder);
  },
  "by-hand": async () => {},
};

async function run(argv: readonly string[], cwd: string): Promise<void> {
  await runCommand(argv, { cwd, timeoutMs, env: { ...process.env, CGO_ENABLED: "0" } });
}

main().catch((error: unknown) => {
  console.error(`install-peers: ${describeError(error)}`);
  process.exitCode = 1;
});
