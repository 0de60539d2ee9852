/** How each peer is asked to send as fast as it can, and to keep a rate. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FoundPeer, PeerName } from "./catalog.ts";
import { bodyWithId, k6Closed, k6Open, wrkStatic, wrkUnique } from "./scripts.ts";

export interface PeerLoad {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** For the peer's files. */
  readonly folder: string;
}

/** A peer, set up in one way. */
export interface PeerSetting {
  /** As tables name it. */
  readonly label: string;
  readonly peer: PeerName;
  readonly connections: number;
  /** @returns what stands behind the program's name */
  readonly prepare: (load: PeerLoad) => Promise<readonly string[]>;
}

const url = (port: number) => `http://127.0.0.1:${port}/`;

async function file({ folder }: PeerLoad, name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const wrk = (label: string, connections: number, script: string): PeerSetting => ({
  label,
  peer: "wrk",
  connections,
  prepare: async (load) => {
    const path = await file(load, "load.lua", script);
    const duration = `${Math.ceil(load.seconds)}s`;
    return ["-t1", `-c${load.connections}`, "-d", duration, "--latency", "-s", path, url(load.port)];
  },
});

const autocannon = (label: string, pipelining: number, unique: boolean): PeerSetting => ({
  label,
  peer: "autocannon",
  connections: 50,
  prepare: async ({ port, connections, seconds }) => {
    const load = ["-c", `${connections}`, "-p", `${pipelining}`, "-d", `${Math.ceil(seconds)}`, "-m", "POST"];
    const body = ["-H", "Content-Type=application/json", "-b", bodyWithId(unique ? '"[<id>]"' : "100000000")];
    return [...load, ...body, ...(unique ? ["-I"] : []), "-n", "-j", url(port)];
  },
});

/** All that is measured beside the tool where both send as fast as they can. */
export const closedSettings: readonly PeerSetting[] = [
  wrk("wrk, 50 connections, static", 50, wrkStatic(1)),
  wrk("wrk, 50 connections, unique ids", 50, wrkUnique(1)),
  wrk("wrk, 4 × 64, static", 4, wrkStatic(64)),
  wrk("wrk, 4 × 64, unique ids", 4, wrkUnique(64)),
  autocannon("autocannon, 50 connections, static", 1, false),
  autocannon("autocannon, 50 connections, unique ids", 1, true),
  autocannon("autocannon, 50 × 10, unique ids", 10, true),
  {
    label: "k6, 50 users, unique ids",
    peer: "k6",
    connections: 50,
    prepare: async (load) => [
      "run",
      "--quiet",
      "--no-usage-report",
      await file(load, "load.js", k6Closed(load)),
    ],
  },
  {
    label: "vegeta, 50 workers, static",
    peer: "vegeta",
    connections: 50,
    prepare: async (load) => {
      const body = await file(load, "body.json", bodyWithId("100000000"));
      const head = "Content-Type: application/json";
      const targets = await file(load, "targets", `POST ${url(load.port)}\n${head}\n@${body}\n`);
      const workers = ["-workers", `${load.connections}`, "-max-workers", `${load.connections}`];
      const rest = ["-rate", "0", "-duration", `${load.seconds}s`, "-output", "/dev/null"];
      return ["attack", "-targets", targets, "-connections", `${load.connections}`, ...workers, ...rest];
    },
  },
  {
    label: "oha, 50 connections, static",
    peer: "oha",
    connections: 50,
    prepare: async ({ port, connections, seconds }) => {
      const load = ["-z", `${seconds}s`, "-c", `${connections}`, "-m", "POST", "-T", "application/json"];
      return ["--no-tui", ...load, "-d", bodyWithId("100000000"), url(port)];
    },
  },
  {
    label: "cometbft-load-test, 4 connections, websocket",
    peer: "cometbft-load-test",
    connections: 4,
    prepare: async ({ port, connections, seconds }) => {
      const load = ["-c", `${connections}`, "-T", `${Math.ceil(seconds)}`, "-r", "1000000", "-s", "512"];
      const target = ["--broadcast-tx-method", "async", "--endpoints", `ws://127.0.0.1:${port}/websocket`];
      return [...load, ...target];
    },
  },
];

export interface OpenLoad extends PeerLoad {
  readonly rateTps: number;
}

/** Those that can be told a rate. */
export interface OpenSetting {
  readonly label: string;
  readonly peer: PeerName;
  readonly prepare: (load: OpenLoad) => Promise<readonly string[]>;
}

export const k6AtRate: OpenSetting = {
  label: "k6",
  peer: "k6",
  prepare: async (load) => {
    const script = await file(load, "load.js", k6Open(load));
    const summary = ["--summary-export", join(load.folder, "summary.json")];
    return ["run", "--quiet", "--no-usage-report", ...summary, script];
  },
};

export const wrk2AtRate: OpenSetting = {
  label: "wrk2",
  peer: "wrk2",
  prepare: async (load) => {
    const path = await file(load, "load.lua", wrkUnique(1));
    const duration = ["-d", `${Math.ceil(load.seconds)}s`, "-R", `${load.rateTps}`, "-L"];
    return ["-t1", `-c${load.connections}`, ...duration, "-s", path, url(load.port)];
  },
};

export const vegetaAtRate: OpenSetting = {
  label: "vegeta",
  peer: "vegeta",
  prepare: async (load) => {
    const body = await file(load, "body.json", bodyWithId("100000000"));
    const head = "Content-Type: application/json";
    const targets = await file(load, "targets", `POST ${url(load.port)}\n${head}\n@${body}\n`);
    const rate = ["-rate", `${load.rateTps}/1s`, "-duration", `${load.seconds}s`, "-output", "/dev/null"];
    return ["attack", "-targets", targets, "-connections", `${load.connections}`, ...rate];
  },
};

export const cometBftLoadTestAtRate: OpenSetting = {
  label: "cometbft-load-test",
  peer: "cometbft-load-test",
  prepare: async ({ port, connections, seconds, rateTps }) => {
    const load = ["-c", `${connections}`, "-T", `${Math.ceil(seconds)}`, "-s", "512"];
    const rate = ["-r", `${Math.round(rateTps / connections)}`, "--broadcast-tx-method", "async"];
    return [...load, ...rate, "--endpoints", `ws://127.0.0.1:${port}/websocket`];
  },
};

export function peerNamed(found: readonly FoundPeer[], name: PeerName): FoundPeer {
  const one = found.find(({ peer }) => peer.name === name);
  if (one === undefined) throw new TypeError(`the catalogue has no ${name}`);
  return one;
}
