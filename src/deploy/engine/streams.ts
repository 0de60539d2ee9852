/** Forms in which the engine answers: multiplexed output, lines of JSON, a container's statistics. Pure. */
import type { NodeStats } from "../../contracts/deployment.ts";

interface OutputPiece {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Buffer;
}

export function isFramed(output: Buffer): boolean {
  return output.length >= 4 && (output[0] ?? 255) <= 2 && output.readUIntBE(1, 3) === 0;
}

/** A container writes no piece longer than this; more is no head of one. */
const longestPieceBytes = 64 * 1024 * 1024;

/**
 * Takes the frames of a container's output apart as they come, a piece of a piece where one is cut in two: 8 bytes of
 * head (stream, three zeros, length) stand before each piece.
 *
 * @see Docker Engine API, ContainerAttach, "Stream format"
 */
export class FrameReader {
  #head = Buffer.alloc(0);
  #stream: OutputPiece["stream"] = "stdout";
  #leftBytes = 0;

  /** @throws Error where it has no frames */
  push(chunk: Buffer): OutputPiece[] {
    const pieces: OutputPiece[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#leftBytes === 0) rest = this.#readHead(rest);
      const bytes = rest.subarray(0, this.#leftBytes);
      if (bytes.length > 0) pieces.push({ stream: this.#stream, bytes });
      this.#leftBytes -= bytes.length;
      rest = rest.subarray(bytes.length);
    }
    return pieces;
  }

  /** @throws Error where it ended in the middle of a piece */
  end(): void {
    if (this.#leftBytes > 0 || this.#head.length > 0) throw new Error("the output was cut off");
  }

  /** @returns what follows the head */
  #readHead(bytes: Buffer): Buffer {
    const missing = 8 - this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, missing)]);
    if (this.#head.length < 8) return bytes.subarray(bytes.length);
    const [stream, length] = [this.#head[0] ?? 255, this.#head.readUInt32BE(4)];
    if (stream > 2 || this.#head.readUIntBE(1, 3) !== 0 || length > longestPieceBytes) {
      throw new Error("the engine sent output without frames");
    }
    this.#stream = stream === 2 ? "stderr" : "stdout";
    this.#leftBytes = length;
    this.#head = Buffer.alloc(0);
    return bytes.subarray(missing);
  }
}

/** What a command or container has written, in its order, of one stream or both; that of a terminal as it is. */
export function readOutput(output: Buffer, wanted?: OutputPiece["stream"]): string {
  const pieces = parseFrames(output).filter(({ stream }) => wanted === undefined || stream === wanted);
  return Buffer.concat(pieces.map(({ bytes }) => bytes)).toString("utf8");
}

/** A container with a terminal writes no frames. */
function parseFrames(output: Buffer): OutputPiece[] {
  try {
    if (isFramed(output)) return new FrameReader().push(output);
  } catch {
    // It only looked like frames.
  }
  return [{ stream: "stdout", bytes: output }];
}

const longestLineCharacters = 1_000_000;

/** The JSON values of a stream with one on each line, as the engine sends progress and events. */
export async function* readJsonLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLineCharacters) throw new Error("the engine sent an unterminated line");
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
  }
  if (rest.trim() !== "") yield JSON.parse(rest);
}

/**
 * Reads what /build, /images/create and /images/load send, to its end.
 *
 * @returns ids of images that were built, and names of those that were loaded (ids where they have none)
 * @throws Error with what the engine says went wrong
 */
export async function followProgress(
  stream: AsyncIterable<Buffer | string>,
  onProgress?: (line: string) => void,
): Promise<{ built: string[]; loaded: string[] }> {
  const built: string[] = [];
  const loaded: string[] = [];
  for await (const value of readJsonLines(stream)) {
    const { stream: text, status, id, error, aux } = value as Readonly<Record<string, unknown>>;
    if (typeof error === "string") throw new Error(error);
    const imageId = (aux as { ID?: unknown } | null | undefined)?.ID;
    if (typeof imageId === "string") built.push(imageId);
    const words = typeof text === "string" ? [text.trim()] : typeof status === "string" ? [id, status] : [];
    const line = words.filter((word) => typeof word === "string").join(" ");
    const name = /^Loaded image(?: ID)?: (\S+)$/.exec(line)?.[1];
    if (name !== undefined) loaded.push(name);
    if (line !== "") onProgress?.(line);
  }
  return { built, loaded };
}

/**
 * Reads a one-shot answer of /stats. Memory is what is resident and not backed by files: `anon` of cgroup v2,
 * `total_rss` of v1.
 *
 * @returns undefined where the container does not run
 */
export function parseStats(value: unknown): NodeStats | undefined {
  const stats = value as {
    cpu_stats?: { cpu_usage?: { total_usage?: number } };
    pids_stats?: { current?: number };
    memory_stats?: { usage?: number; stats?: { anon?: number; total_rss?: number; rss?: number } };
  };
  const cpuNs = stats.cpu_stats?.cpu_usage?.total_usage ?? 0;
  if (cpuNs === 0) return undefined;
  const memory = stats.memory_stats;
  const memoryBytes =
    memory?.stats?.anon ?? memory?.stats?.total_rss ?? memory?.stats?.rss ?? memory?.usage ?? 0;
  // Tasks of the kernel: its threads.
  return { cpuSecs: cpuNs / 1e9, memoryBytes, threads: stats.pids_stats?.current };
}

/** Reads the answer of /info: what an engine is and has. */
export function parseEngineInfo(value: unknown) {
  const info = value as {
    DockerRootDir: string;
    SystemTime: string;
    SecurityOptions?: readonly string[] | null;
  };
  return {
    /** Folder of images, containers and volumes on its machine. */
    dataRoot: info.DockerRootDir,
    rootless: (info.SecurityOptions ?? []).some((option) => /^name=rootless\b/.test(option)),
    /** Its wall clock, ns since 1970, when it answered. */
    timeNs: parseTimeNs(info.SystemTime),
  };
}

/** Reads "2026-11-21T17:50:40.163191437+01:00", whatever the number of its decimals. */
function parseTimeNs(text: string): bigint {
  const [, wholeSeconds = "", decimals = "", zone = ""] =
    /^([^.Z+]+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const ms = Date.parse(`${wholeSeconds}${zone}`);
  if (Number.isNaN(ms)) throw new Error(`cannot parse the engine's time: ${text}`);
  return BigInt(ms) * 1_000_000n + BigInt(decimals.padEnd(9, "0").slice(0, 9));
}
