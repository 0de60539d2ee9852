/** What a V8 CPU profile says about the parts of this project. Pure. */

/** As the inspector gives it (Profiler.Profile). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[] | undefined;
  }[];
  readonly samples?: readonly number[] | undefined;
  /** Microseconds before each sample. */
  readonly timeDeltas?: readonly number[] | undefined;
}

export interface Share {
  readonly name: string;
  readonly selfUs: number;
}

export interface ProfileSummary {
  /** All of it, idle time included. */
  readonly totalUs: number;
  /** By part of the work, and by file of the project in whose calls the time was spent; the largest first. */
  readonly parts: readonly Share[];
  readonly files: readonly Share[];
  /** By function, `name (file:line)`. */
  readonly functions: readonly Share[];
}

interface PartRule {
  readonly part: string;
  readonly fits: RegExp;
}

/** Work that counts by itself, whoever asked for it. */
const workRules: readonly PartRule[] = [
  { part: "idle", fits: /^\(idle\)/ },
  { part: "garbage collection", fits: /^\(garbage collector\)/ },
  { part: "base64", fits: /^(base64\w*|decodeBase64) / },
  {
    part: "hashing",
    fits: /^(oneShotDigest|createHash|Hash|update|digest|hash) (\(node:internal\/crypto|$)/,
  },
  {
    part: "signatures",
    fits: /^(sign|verify|SignJob|signOneShot|verifyOneShot) (\(node:internal\/crypto|$)/,
  },
  { part: "JSON parsing", fits: /^parseJson / },
];

/** Everything else belongs to the nearest caller that one of these fits. */
const placeRules: readonly PartRule[] = [
  {
    part: "RPC events (WebSocket)",
    fits: /validator\/rpc\/(websocket|subscription|feed|shapes)|node_modules\/ws\//,
  },
  { part: "HTTP", fits: /validator\/rpc\/(http|index)/ },
  { part: "RPC methods", fits: /validator\/rpc\// },
  { part: "log", fits: /validator\/log\// },
  { part: "peer network", fits: /validator\/net\// },
  { part: "consensus", fits: /validator\/consensus\// },
  { part: "mempool", fits: /validator\/mempool/ },
  { part: "recent blocks", fits: /validator\/recent-chain/ },
  { part: "validator, other", fits: /validator\// },
  { part: "generator", fits: /benchmarks\/suite\// },
];

const platformRules: readonly PartRule[] = [
  { part: "HTTP (Node.js)", fits: /node:_http/ },
  { part: "sockets, files, streams (Node.js)", fits: /node:/ },
  { part: "native code and system calls", fits: /^\(program\)/ },
];

/**
 * Sums a profile's self times.
 *
 * @param root folder that file names are told from
 */
export function summarizeProfile(profile: CpuProfile, root: string): ProfileSummary {
  const parents = new Map<number, number>();
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const ancestry = (id: number): string[] => {
    const labels: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = frames.get(at);
      if (frame === undefined) break;
      const url = frame.url.replace("file://", "").replace(`${root}/`, "");
      const place = url === "" ? "" : `(${url}:${frame.lineNumber + 1})`;
      labels.push(`${frame.functionName || "(anonymous)"} ${place}`);
    }
    return labels;
  };
  const selfUs = new Map<number, number>();
  profile.samples?.forEach((id, index) => {
    selfUs.set(id, (selfUs.get(id) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  });
  const [parts, files, functions] = [new Sums(), new Sums(), new Sums()];
  let totalUs = 0;
  for (const [id, us] of selfUs) {
    const labels = ancestry(id);
    totalUs += us;
    parts.add(partOf(labels), us);
    files.add(fileOf(labels), us);
    functions.add((labels[0] ?? "").trim(), us);
  }
  return {
    totalUs,
    parts: parts.largestFirst(),
    files: files.largestFirst(),
    functions: functions.largestFirst(),
  };
}

function partOf(labels: readonly string[]): string {
  const work = workRules.find(({ fits }) => labels.some((label) => fits.test(label)));
  if (work !== undefined) return work.part;
  for (const rules of [placeRules, platformRules]) {
    for (const label of labels) {
      const rule = rules.find(({ fits }) => fits.test(label));
      if (rule !== undefined) return rule.part;
    }
  }
  return "Node.js itself";
}

/** The nearest file of the project: what Node.js does for a file counts as that file's. */
function fileOf(labels: readonly string[]): string {
  for (const label of labels) {
    const file = /\((?:dist|src|benchmarks)\/([^)]*):\d+\)$/.exec(label)?.[1];
    if (file !== undefined) return file;
  }
  return /^\((idle|program|garbage collector)\)/.exec(labels[0] ?? "")?.[0] ?? "Node.js itself";
}

class Sums {
  readonly #sums = new Map<string, number>();

  add(name: string, us: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + us);
  }

  largestFirst(): Share[] {
    return [...this.#sums].map(([name, selfUs]) => ({ name, selfUs })).sort((a, b) => b.selfUs - a.selfUs);
  }
}
