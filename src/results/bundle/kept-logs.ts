import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { suggestion } from "../../core/text/nearest.ts";
import { BundleReadError, unreadable } from "../schema/read-error.ts";
import { readBundleText } from "./files/bundle-file.ts";
import { checkBundle } from "./reader.ts";

/** The end of a node's log in one run of a sweep. */
export interface KeptLog {
  readonly benchmarkNumber: number;
  readonly text: string;
}

/**
 * What a bundle kept of a node's log, run by run; also of a sweep that has not ended.
 *
 * @throws BundleReadError where there is none
 */
export async function readKeptLogs(bundle: string, node: string): Promise<readonly KeptLog[]> {
  const folder = join(bundle, "logs");
  const names = await readdir(folder).catch(async (error: unknown) => {
    // Of a folder that holds bundles, which ones.
    await checkBundle(bundle);
    throw unreadable(folder, error);
  });
  const kept = names.flatMap((file) => {
    const [, number, name] = /^(\d+)-(.+)\.log$/.exec(file) ?? [];
    return name === undefined ? [] : [{ file, name, benchmarkNumber: Number(number) }];
  });
  const ofNode = kept.filter(({ name }) => name === node);
  if (ofNode.length === 0) {
    const known = [...new Set(kept.map(({ name }) => name))].sort();
    const remedy = suggestion(node, known) || (known.length === 0 ? "" : ` It has ${known.join(", ")}.`);
    throw new BundleReadError(folder, `it has no log of ${node}.${remedy}`);
  }
  return await Promise.all(
    ofNode
      .toSorted((a, b) => a.benchmarkNumber - b.benchmarkNumber)
      .map(async ({ file, benchmarkNumber }) => ({
        benchmarkNumber,
        text: (await readBundleText(join(folder, file), { folder: bundle })).replace(/\n$/, ""),
      })),
  );
}
