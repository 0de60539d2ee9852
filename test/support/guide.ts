/** The guide docs/your-own-node.md as its reader follows it: the files that it has written, and its commands. */
import { codeBlocks, readPage, shownCommands, wordsOf } from "../docs/pages.ts";

/** Blocks of code of one language in a page of docs/, in order. */
export function blocksOf(page: string, language: string): string[] {
  return codeBlocks(`docs/${page}`)
    .filter((block) => block.language === language)
    .map(({ text }) => text);
}

/** The node's program, and the description as it stands after each step. */
export function readGuide(): { text: string; node: string; descriptions: readonly string[] } {
  const text = readPage("docs/your-own-node.md");
  const [node = ""] = blocksOf("your-own-node.md", "js");
  const [first = "", ...parts] = blocksOf("your-own-node.md", "yaml");
  const descriptions = [first];
  for (const part of parts) {
    const before = descriptions.at(-1) ?? "";
    // This one is to stand below the title.
    const isTop = part.startsWith("tolerates:");
    descriptions.push(
      isTop ? before.replace(/^title: .*\n/m, (title) => title + part) : `${before}\n${part}`,
    );
  }
  return { text, node, descriptions };
}

/** Arguments of all commands that begin so, in order. */
export function commandsOf(page: string, program: string): readonly (readonly string[])[] {
  const lines = shownCommands(`docs/${page}`).map(({ line }) => wordsOf(line));
  return lines.filter(([npx, name]) => npx === "npx" && name === program).map((words) => words.slice(2));
}
