/** timeline-<n>.yaml: what was planned for a run, and then what a person changed by hand while it went on. */
import { parseTimeline } from "../../links/timeline/parse.ts";

/** There is one only if a person changed something. */
export const runTimelineFile = (benchmarkNumber: number) => `timeline-${benchmarkNumber}.yaml`;

/** One entry a line: JSON is YAML. @param entries plain JSON, as timelines have it */
export const formatRunTimeline = (entries: readonly unknown[]) =>
  entries.map((entry) => `- ${JSON.stringify(entry)}\n`).join("");

/** @returns undefined where it is no timeline */
export const parseRunTimeline = (text: string, file: string): readonly unknown[] | undefined =>
  parseTimeline(text, file).entries;
