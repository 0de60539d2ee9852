/** docs/library.md, made of what src/index.ts exports and of the descriptions where that is declared. */
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as library from "../src/index.ts";

const sources = fileURLToPath(new URL("../src", import.meta.url));

/** Folder of src/ → what its exports are about, in the order of the page. */
const subjects = {
  run: "Running benchmarks",
  deploy: "Networks, hosts and logs",
  protocol: "Systems under test",
  options: "Parameters",
  load: "Load",
  results: "Results, bundles and reports",
  metrics: "Statistics",
  core: "Errors, clock and locks",
} as const;

interface Exported {
  readonly name: string;
  readonly folder: string;
  /** The first sentence of its description; "" where there is none. */
  readonly summary: string;
}

/** Every value that the library exports. */
export async function listExports(): Promise<Exported[]> {
  const files = (await readdir(sources, { recursive: true })).filter((file) => file.endsWith(".ts")).sort();
  const texts = await Promise.all(files.map((file) => readFile(`${sources}/${file}`, "utf8")));
  return Object.keys(library)
    .sort()
    .flatMap((name) => {
      const declaration = new RegExp(
        `(?:/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n)?export (?:async |abstract )*(?:function|class|const) ${name}\\b`,
      );
      const at = texts.findIndex((text) => declaration.test(text));
      const description = declaration.exec(texts[at] ?? "")?.[1] ?? "";
      return [{ name, folder: files[at]?.split("/")[0] ?? "", summary: summarize(description) }];
    });
}

function summarize(description: string): string {
  const [paragraph = ""] = description
    .replaceAll(/^ *\* ?/gm, "")
    .trim()
    .split(/\n\n|(?:^|\n| )@(?=\w+ )/);
  return (
    paragraph
      .replaceAll(/\s+/g, " ")
      .split(/(?<=\.) (?=[A-Z])/)[0]
      ?.trim() ?? ""
  );
}

export async function formatLibrary(): Promise<string> {
  const exports = await listExports();
  const sections = Object.entries(subjects).flatMap(([folder, subject]) => {
    const own = exports.filter((one) => one.folder === folder);
    const rows = own.map(({ name, summary }) => `| \`${name}\` | ${summary.replaceAll("|", "\\|")} |`);
    return [`## ${subject}`, ["| export | what it is |", "|---|---|", ...rows].join("\n")];
  });
  return `${[
    "# Library",
    "`node scripts/reference.ts` writes this page from the exports of [src/index.ts](../src/index.ts), with the first sentence of each description. The descriptions in the sources, which editors show, give parameters, units and errors. The package also exports the types of all of these.",
    "[examples/library.ts](../examples/library.ts) runs a benchmark on this machine. [examples/library-remote.ts](../examples/library-remote.ts) runs one on hosts over SSH, and shows the nodes and their logs meanwhile.",
    ...sections,
  ].join("\n\n")}\n`;
}
