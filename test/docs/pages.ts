/** What the pages for users show: commands, and the files that these name. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Pages with commands, by their paths in the project. */
export const pages: readonly string[] = [
  "README.md",
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** Pages for those who work on the project. */
export const contributorPages: readonly string[] = [
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "test/README.md",
  ...readdirSync(`${root}docs/design`).map((name) => `docs/design/${name}`),
];

export const readPage = (page: string): string => readFileSync(root + page, "utf8");

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const found = readPage(page).matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...found].map(([, language = "", text = ""]) => ({ language, text }));
}

/** A command of a page, on one line and without its comment. */
export interface ShownCommand {
  readonly page: string;
  readonly line: string;
}

/** All commands of a page, in order. */
export function shownCommands(page: string): ShownCommand[] {
  return codeBlocks(page).flatMap((block) => commandsOf(block).map((line) => ({ page, line })));
}

const shells = ["console", "bash", "sh", "shell"];

/**
 * The commands of a block: of `console` the lines that begin with "$", of a shell's all.
 *
 * @throws RangeError where such a block has none
 */
export function commandsOf({ language, text }: CodeBlock): string[] {
  if (!shells.includes(language)) return [];
  const lines = text.replaceAll(/\\\n\s*/g, "").split("\n");
  const prompted = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
  const commands = (language === "console" ? prompted : lines).map((line) => withoutComment(line).trim());
  if (commands.every((line) => line === "")) throw new RangeError(`A block without a command:\n${text}`);
  return commands.filter((line) => line !== "");
}

/** A comment begins with a "#" after a blank, outside of quotes. */
function withoutComment(line: string): string {
  return /^(?:'[^']*'|"[^"]*"|(?!\s#)[^'"])*/.exec(line)?.[0] ?? "";
}

/** The words of a command line as a shell has them; only quotes are known. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ""),
  );
}

const placeholders: Readonly<Record<string, string>> = {
  "<network>": "(local|remote)",
  "<n>": "\\d+",
  "<load>": "[\\d.]+",
  "<in flight>": "\\d+",
  "<what>": "[a-z0-9-]+",
  "<node>": "\\w+",
  "…": ".+",
};

/** Whether docs/results.md has a file of a bundle, or of a folder of bundles, by its path in it. */
export function isDocumentedFile(path: string): boolean {
  const names = readPage("docs/results.md").matchAll(
    /`([^`\n]*\.(?:json|txt|csv|html|hlog|ndjson|openmetrics|log|svg|png|made-here))`/g,
  );
  const inner = path.replace(/^(local|remote|runs|[^/]+=[^/]+)\//, "");
  return [...names].some(([, name = ""]) => {
    const pattern = name
      .replaceAll(/[.]/g, "\\.")
      .replaceAll(/<[a-z ]+>|…/g, (placeholder) => placeholders[placeholder] ?? placeholder);
    return new RegExp(`^${pattern}$`).test(inner);
  });
}
