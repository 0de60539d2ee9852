/** Forms in which the engine answers: multiplexed output, lines of JSON, a container's statistics. Pure. */
import type { ContainerUse } from "./engine-types.ts";

/**
 * Takes the frames of a container's output apart: 8 bytes of head (stream, three zeros, length) before each piece.
 * A container with a terminal writes no frames; its bytes come back as they are.
 *
 * @see Docker Engine API, ContainerAttach, "Stream format"
 */
export function demultiplex(output: Buffer): string {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at + 8 <= output.length) {
    const framed = (output[at] ?? 255) <= 2 && output.readUIntBE(at + 1, 3) === 0;
    if (!framed) return output.toString("utf8");
    const end = at + 8 + output.readUInt32BE(at + 4);
    pieces.push(output.subarray(at + 8, end));
    at = end;
  }
  return pieces.length === 0 ? output.toString("utf8") : Buffer.concat(pieces).toString("utf8");
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
    if (rest.length > longestLineCharacters) throw new Error("the engine sent a line without an end");
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
  }
  if (rest.trim() !== "") yield JSON.parse(rest);
}

/** One step of a build or a pull. */
export interface ProgressStep {
  readonly line?: string;
  readonly error?: string;
  /** Id of the image that was made. */
  readonly imageId?: string;
}

/** Reads one line of what /build and /images/create send. */
export function parseProgress(value: unknown): ProgressStep {
  const step = value as {
    stream?: unknown;
    status?: unknown;
    id?: unknown;
    error?: unknown;
    aux?: { ID?: unknown };
  };
  if (typeof step.error === "string") return { error: step.error };
  if (typeof step.aux?.ID === "string") return { imageId: step.aux.ID };
  const line =
    typeof step.stream === "string"
      ? step.stream.trim()
      : typeof step.status === "string"
        ? [step.id, step.status].filter((word) => typeof word === "string").join(" ")
        : "";
  return line === "" ? {} : { line };
}

/**
 * Reads a one-shot answer of /stats. Memory is what is resident and not backed by files: `anon` of cgroup v2,
 * `total_rss` of v1.
 *
 * @returns undefined where the container does not run
 */
export function parseStats(value: unknown): ContainerUse | undefined {
  const stats = value as {
    cpu_stats?: { cpu_usage?: { total_usage?: number } };
    memory_stats?: { usage?: number; stats?: { anon?: number; total_rss?: number; rss?: number } };
  };
  const cpuNs = stats.cpu_stats?.cpu_usage?.total_usage ?? 0;
  if (cpuNs === 0) return undefined;
  const memory = stats.memory_stats;
  const memoryBytes =
    memory?.stats?.anon ?? memory?.stats?.total_rss ?? memory?.stats?.rss ?? memory?.usage ?? 0;
  return { cpuSecs: cpuNs / 1e9, memoryBytes };
}
