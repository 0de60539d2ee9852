/** The guide docs/your-own-node.md as its reader follows it: the files that it has written, and its commands. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));

/** Blocks of code of one language in a page of docs/, in order. */
export async function blocksOf(page: string, language: string): Promise<string[]> {
  const text = await readFile(docs + page, "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, found]) => found === language)
    .map(([, , block = ""]) => block);
}

/** The node's program, and the description as it stands after each step. */
export async function readGuide(): Promise<{ text: string; node: string; descriptions: readonly string[] }> {
  const text = await readFile(`${docs}your-own-node.md`, "utf8");
  const [node = ""] = await blocksOf("your-own-node.md", "js");
  const [first = "", ...parts] = await blocksOf("your-own-node.md", "yaml");
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

/** Arguments of all commands that begin so, in order; a line that ends in a backslash goes on in the next. */
export async function commandsOf(page: string, program: string): Promise<readonly (readonly string[])[]> {
  const blocks = await blocksOf(page, "console");
  const lines = blocks
    .join("")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  const begin = `$ npx ${program} `;
  return lines.filter((line) => line.startsWith(begin)).map((line) => line.slice(begin.length).split(/\s+/));
}
