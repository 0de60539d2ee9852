import type { RunResult } from "../contracts/result.ts";
import { parseRunJson } from "./parse-run.ts";
import { buildRunJson } from "./run-json.ts";

/**
 * The run as its file holds it, with rounded numbers. What is computed or decided from runs is computed from these, so
 * that it comes out the same for whoever reads the files.
 */
export function publishedRun(run: RunResult): RunResult {
  return parseRunJson(JSON.parse(JSON.stringify(buildRunJson(run))));
}
