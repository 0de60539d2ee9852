/** Runs the commands that the pages show, in a user's folder with the files that the pages have there. */
import { cp, mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { DocumentedCommand, Session } from "../docs/documented.ts";
import { codeBlocks, isDocumentedFile, wordsOf } from "../docs/pages.ts";
import type { Ending, Setting } from "./setting.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

/** Lays what commands of the pages name into a user's folder: files that pages show, examples, programs. */
export async function furnish({ home }: Setting, programs: Readonly<Record<string, string>>): Promise<void> {
  await cp(examples, join(home, "examples"), { recursive: true });
  await writeFile(join(home, "day.yaml"), shownFile("docs/load.md", "# day.yaml"));
  for (const [place, program] of Object.entries(programs)) {
    await mkdir(join(home, place, ".."), { recursive: true });
    await symlink(program, join(home, place));
  }
}

/** The block of YAML of a page that begins so. */
export function shownFile(page: string, beginning: string): string {
  const block = codeBlocks(page).find(
    ({ language, text }) => language === "yaml" && text.startsWith(beginning),
  );
  if (block === undefined) throw new Error(`${page} shows no file that begins with ${beginning}`);
  return block.text;
}

/** Runs the commands of a session one after another, and holds each to what it is to say. */
export async function runSession(setting: Setting, { commands }: Pick<Session, "commands">): Promise<void> {
  for (const command of commands) {
    for (const name of command.keep ?? [undefined]) {
      const before = await listBundles(setting);
      expectSaid(command, await start(setting, command));
      if (name === undefined) continue;
      const [bundle] = (await listBundles(setting)).filter((one) => !before.includes(one));
      await rename(join(setting.home, "benchmarks", String(bundle)), join(setting.home, "benchmarks", name));
    }
  }
  await expectDocumentedFiles(setting);
}

/** Fails where a bundle holds a file of which docs/results.md says nothing. */
async function expectDocumentedFiles(setting: Setting): Promise<void> {
  for (const bundle of await listBundles(setting)) {
    const folder = join(setting.home, "benchmarks", bundle);
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !isDocumentedFile(path))).toEqual([]);
  }
}

async function start(setting: Setting, documented: DocumentedCommand): Promise<Ending> {
  const { line, more = [], refusedFor = [], interruptedAt } = documented;
  const [npx, binary = "", ...args] = wordsOf(line);
  expect(npx, line).toBe("npx");
  // As a shell has them.
  const expanded = args.map((word) => word.replace(/^~\//, `${setting.home}/`));
  const command = setting.start(binary, [...expanded, ...more, ...refusedFor]);
  if (interruptedAt !== undefined) {
    await command.says(interruptedAt);
    command.child.kill("SIGINT");
  }
  return await command.ended;
}

/** Fails where a command ended otherwise than its page has it. */
export function expectSaid(command: DocumentedCommand, { code, stdout, stderr }: Ending): void {
  const { line, codes = [0], says = /^VERDICT: |\bVerdict\b/m, refusedFor } = command;
  const errors = stderr.match(/^error: .*/gm) ?? [];
  if (refusedFor !== undefined) {
    expect([line, code, errors.length], stderr).toEqual([line, 2, 1]);
    return;
  }
  expect(errors, line).toEqual([]);
  expect(codes, `${line}\n${stdout}\n${stderr}`).toContain(code);
  expect(stdout, line).toMatch(says);
}

async function listBundles({ home }: Setting): Promise<string[]> {
  return await readdir(join(home, "benchmarks")).catch(() => []);
}
