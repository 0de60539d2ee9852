import { formatJson } from "../../../core/documents/numbers.ts";
import { buildManifest, manifestName } from "../../bundle/manifest.ts";
import { type Contents, readObject } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";
import { keptHistograms } from "./latencies.ts";
import { secondsLogOf } from "./seconds.ts";

/** As somebody may have changed it. */
type ListedFile = Partial<Record<"path" | "size_bytes" | "sha256", unknown>> | null;

/** manifest.json lists every file, as it is, and no other. */
export async function checkManifest(
  folder: string,
  files: ReadonlyMap<string, string>,
  findings: Findings,
): Promise<void> {
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
    const file = String(entry?.path);
    if (found === undefined) {
      findings.add({ file, key: "it" }, "nothing", "a file: manifest.json names it");
      continue;
    }
    findings.same({ file, key: "its size in bytes" }, found.size_bytes, entry?.size_bytes);
    findings.same({ file, key: "its SHA-256" }, found.sha256, entry?.sha256);
  }
  for (const file of there.keys()) {
    findings.add({ file: String(file), key: "it" }, "a file", "nothing: manifest.json does not name it");
  }
  if (findings.differences.length > 0) return;
  findings.sameText(manifestName, files.get(manifestName) ?? "", formatJson(manifest));
}

/** Each run has its histograms, and no histogram belongs to none. */
export function checkFiles({ files, runs, measured }: Contents, findings: Findings): void {
  const wanted = new Set(
    runs.flatMap((run) => [secondsLogOf(run), ...keptHistograms(run).map(({ path }) => path)]),
  );
  for (const file of wanted) {
    findings.holds({ file, key: "it" }, files.has(file), { holds: files.has(file), follows: "a file" });
  }
  for (const file of files.keys()) {
    if (!file.startsWith("histograms/")) continue;
    // A run that did not finish leaves what it had: seconds, and all of them where it ended before its file was written.
    const isOfUnfinished = file.startsWith(`histograms/${runs.length + 1}-`);
    findings.holds({ file, key: "it" }, "a file", {
      holds: wanted.has(file) || isOfUnfinished,
      follows: "nothing: it belongs to no run",
    });
  }
  for (const file of files.keys()) {
    if (!/^environment(-from-run-\d+)?\.json$/.test(file)) continue;
    const fields = readObject(files, file, findings);
    if (fields === undefined) continue;
    const text = files.get(file) ?? "";
    findings.sameText(file, text, formatJson(JSON.parse(text)));
  }
  findings.holds({ file: "environment.json", key: "it" }, files.has("environment.json"), {
    holds: files.has("environment.json") || measured.length === 0,
    follows: "what the runs were made on",
  });
}
