import { formatJson } from "../../../core/documents/numbers.ts";
import { buildManifest, manifestName } from "../../bundle/manifest.ts";
import type { Contents } from "../contents/contents.ts";
import { type Files, readObject } from "../contents/files.ts";
import type { Findings } from "../contents/findings.ts";
import { keptHistograms } from "./latencies.ts";
import { secondsLogOf } from "./seconds.ts";

/** As somebody may have changed it. */
type ListedFile = Partial<Record<"path" | "size_bytes" | "sha256", unknown>> | null;

/** manifest.json lists every file, as it is, and no other. */
export async function checkManifest(folder: string, files: Files, findings: Findings): Promise<void> {
  const fields = readObject(files, manifestName, findings);
  if (fields === undefined) return;
  const manifest = await buildManifest(folder);
  const there = new Map<unknown, NonNullable<ListedFile>>(
    manifest.files.map((one: NonNullable<ListedFile>) => [one.path, one]),
  );
  const listed = (fields.value("files") ?? []) as readonly ListedFile[];
  for (const entry of Array.isArray(listed) ? listed : []) {
    const found = there.get(entry?.path);
    there.delete(entry?.path);
    const listedFile = findings.in(String(entry?.path));
    if (found === undefined) {
      listedFile.add("it", "nothing", "a file: manifest.json names it");
      continue;
    }
    listedFile.same("its size in bytes", found.size_bytes, entry?.size_bytes);
    listedFile.same("its SHA-256", found.sha256, entry?.sha256);
  }
  for (const file of there.keys()) {
    findings.in(String(file)).add("it", "a file", "nothing: manifest.json does not name it");
  }
  if (findings.differences.length > 0) return;
  findings.in(manifestName).sameText(files.get(manifestName) ?? "", formatJson(manifest));
}

/** Each run has its histograms, and no histogram belongs to none. */
export function checkFiles({ files, runs, measured }: Contents, findings: Findings): void {
  const wanted = new Set(
    runs.flatMap((run) => [secondsLogOf(run), ...keptHistograms(run).map(({ path }) => path)]),
  );
  for (const file of wanted) {
    findings.in(file).holds("it", files.has(file), files.has(file), "a file");
  }
  for (const file of files.keys()) {
    if (!file.startsWith("histograms/")) continue;
    // A run that did not finish leaves what it had: seconds, and all of them where it ended before its file was written.
    const isOfUnfinished = file.startsWith(`histograms/${runs.length + 1}-`);
    const belongs = wanted.has(file) || isOfUnfinished;
    findings.in(file).holds("it", "a file", belongs, "nothing: it belongs to no run");
  }
  for (const file of files.keys()) {
    if (!/^environment(-from-run-\d+)?\.json$/.test(file)) continue;
    const fields = readObject(files, file, findings);
    if (fields === undefined) continue;
    const text = files.get(file) ?? "";
    findings.in(file).sameText(text, formatJson(JSON.parse(text)));
  }
  const isThere = files.has("environment.json");
  const isTold = isThere || measured.length === 0;
  findings.in("environment.json").holds("it", isThere, isTold, "what the runs were made on");
}
