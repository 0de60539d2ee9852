import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../../../core/errors.ts";
import { writeFileAtomically } from "../../../results/bundle/files/atomic-file.ts";
import { checkOutputDir, makeFolders } from "../../../results/bundle/folders.ts";
import { writing } from "../../../results/bundle/write-error.ts";
import { formatBenchmarkData } from "../../../results/report/documents/benchmark-data.ts";
import { formatJunit } from "../../../results/report/documents/junit.ts";
import { formatMarkdown } from "../../../results/report/documents/markdown.ts";
import type { ReportedSweep } from "../../../results/report/documents/reported-sweep.ts";
import type { Check } from "../../../run/prepare/preflight.ts";
import { type GivenReader, readOwn } from "../../options/command-options.ts";

/** The files for pipelines that a command was asked for. */
export interface ReportFiles {
  /** Whether they can be written, where they are to be. */
  readonly check: Check;
  /** Adds a sweep and writes all again, lest a later sweep fail and leave nothing. @throws BundleWriteError */
  readonly write: (sweep: ReportedSweep) => Promise<void>;
}

interface ReportFile {
  readonly option: string;
  readonly path: string;
  readonly format: (sweeps: readonly ReportedSweep[]) => string;
}

/** Reads which files are asked for; the request's diagnostics take what is wrong with that. */
export function openReportFiles(request: GivenReader): ReportFiles {
  const usual = { junit: undefined, markdown: undefined, benchJson: undefined };
  const options = readOwn(request, usual);
  const file = (name: keyof typeof usual, format: ReportFile["format"], inFolder = ""): ReportFile[] => {
    const path = options[name];
    const option = request.given[name]?.name ?? "file";
    return path === undefined ? [] : [{ option, path: resolve(path, inFolder), format }];
  };
  const files: readonly ReportFile[] = [
    ...file("junit", formatJunit),
    ...file("markdown", formatMarkdown),
    ...file("benchJson", (sweeps) => formatBenchmarkData(sweeps, "throughput"), "throughput.json"),
    ...file("benchJson", (sweeps) => formatBenchmarkData(sweeps, "latency"), "latency.json"),
  ];
  request.diagnostics.push(...samePaths(files));
  const sweeps: ReportedSweep[] = [];
  return {
    check: async () => (await Promise.all(files.map(checkFile))).flat(),
    write: async (sweep) => {
      sweeps.push(sweep);
      for (const { path, format } of files) {
        await writeReport(path, format(sweeps));
      }
    },
  };
}

/** Writes a file that was asked for, and makes its folder. @throws BundleWriteError */
export async function writeReport(path: string, text: string): Promise<void> {
  await writing(path, () => makeFolders(dirname(path)));
  await writeFileAtomically(path, text);
}

/** Two files at one path would be the last one alone. */
function samePaths(files: readonly ReportFile[]): Diagnostic[] {
  return [...Map.groupBy(files, ({ path }) => path)].flatMap(([path, named]) => {
    if (named.length === 1) return [];
    const options = named.map(({ option }) => option).join(" and ");
    return { code: "output-file", message: `${options}: both name ${path}. Use a different path for each.` };
  });
}

/** Why a file cannot be written; none where it can. @param option that asks for it */
export async function checkFile({
  option,
  path,
}: Pick<ReportFile, "option" | "path">): Promise<readonly Diagnostic[]> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) {
    return [{ code: "output-file", message: `${option}: ${path} is a folder. Name a file.` }];
  }
  const diagnostic = await checkOutputDir(dirname(path));
  return diagnostic === undefined ? [] : [{ ...diagnostic, message: `${option}: ${diagnostic.message}` }];
}
