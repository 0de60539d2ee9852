/** The load generators that the tool is measured beside: which version, and how one comes by it. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Where a peer comes from. All are registries' own packages, pinned. */
export type Source =
  /** `packages`: it and its libraries, unpacked into the peer's own folder. */
  | { readonly kind: "debian"; readonly packages: readonly string[]; readonly program: string }
  | { readonly kind: "go"; readonly module: string; readonly command: string }
  | { readonly kind: "cargo"; readonly crate: string }
  | { readonly kind: "npm"; readonly package: string; readonly program: string }
  /** No registry has it: it is used where it stands on the PATH. */
  | { readonly kind: "by-hand"; readonly why: string };

export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly source: Source;
}

export const peers: readonly Peer[] = [
  {
    name: "wrk",
    version: "4.1.0-3+b2",
    source: {
      kind: "debian",
      packages: ["wrk=4.1.0-3+b2", "libluajit-5.1-2", "libluajit-5.1-common"],
      program: "usr/bin/wrk",
    },
  },
  {
    name: "wrk2",
    version: "any",
    source: {
      kind: "by-hand",
      why: "neither Debian nor any language's registry has it; put wrk2 on the PATH",
    },
  },
  {
    name: "autocannon",
    version: "9.0.0",
    source: { kind: "npm", package: "autocannon", program: "autocannon.js" },
  },
  { name: "k6", version: "1.8.1", source: { kind: "go", module: "go.k6.io/k6", command: "go.k6.io/k6" } },
  {
    name: "vegeta",
    version: "12.12.0",
    source: {
      kind: "go",
      module: "github.com/tsenart/vegeta/v12",
      command: "github.com/tsenart/vegeta/v12",
    },
  },
  { name: "oha", version: "1.16.0", source: { kind: "cargo", crate: "oha" } },
  {
    name: "cometbft-load-test",
    version: "0.3.0",
    source: {
      kind: "go",
      module: "github.com/cometbft/cometbft-load-test",
      command: "github.com/cometbft/cometbft-load-test/cmd/cometbft-load-test",
    },
  },
];

export type PeerName = "wrk" | "wrk2" | "autocannon" | "k6" | "vegeta" | "oha" | "cometbft-load-test";

/** A peer that can be run, with what stands before its own arguments, or why it cannot. */
export type FoundPeer = { readonly peer: Peer } & (
  | { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly missing: string }
);

export function peerFolder(cache: string, { name, version }: Peer): string {
  return join(cache, "peers", `${name}-${version}`);
}

/** Where the reason stands for which a peer could not be installed. */
export function failureFile(cache: string, peer: Peer): string {
  return `${peerFolder(cache, peer)}.failed`;
}

/** The path of a peer's program, whether it is there or not. */
export function programOf(cache: string, peer: Peer): string {
  const folder = peerFolder(cache, peer);
  const { source } = peer;
  if (source.kind === "npm") return join(folder, "node_modules", source.package, source.program);
  return source.kind === "debian" ? join(folder, source.program) : join(folder, "bin", peer.name);
}

/** Looks for every peer in the cache, or on the PATH where none can be installed. */
export async function findPeers(cache: string, path: string): Promise<readonly FoundPeer[]> {
  return await Promise.all(peers.map((peer) => findPeer(peer, cache, path)));
}

async function findPeer(peer: Peer, cache: string, path: string): Promise<FoundPeer> {
  if (peer.source.kind === "by-hand") {
    const folders = path.split(delimiter).filter((folder) => folder !== "");
    const program = folders.map((folder) => join(folder, peer.name)).find(existsSync);
    return program === undefined ? { peer, missing: peer.source.why } : { peer, argv: [program], env: {} };
  }
  const program = programOf(cache, peer);
  if (existsSync(program)) {
    const argv = peer.source.kind === "npm" ? [process.execPath, program] : [program];
    return { peer, argv, env: peer.source.kind === "debian" ? libraryPath(cache, peer) : {} };
  }
  const reason = await readFile(failureFile(cache, peer), "utf8").catch(() => undefined);
  return { peer, missing: reason?.trim() ?? "not installed: node benchmarks/suite/install-peers.ts" };
}

/** Where the libraries lie that were unpacked beside a program of Debian's. */
function libraryPath(cache: string, peer: Peer): Record<string, string> {
  const architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
  return { LD_LIBRARY_PATH: join(peerFolder(cache, peer), "usr", "lib", `${architecture}-linux-gnu`) };
}
