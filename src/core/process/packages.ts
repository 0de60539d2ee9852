/** Packages that programs of ours import, wherever npm has laid them. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { InvalidArgumentError } from "../errors.ts";

/**
 * Folder of a package as a module at `from` would find it; not every package lets its package.json be resolved.
 *
 * @param from path or URL of a file
 * @returns undefined where it is not installed
 */
export function findPackage(name: string, from: string): string | undefined {
  // By its file: a module of Node.js may have the same name.
  return (createRequire(from).resolve.paths(`${name}/package.json`) ?? [])
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, "package.json")));
}

/**
 * Folders of packages and of all that they need, by their names; what they only may have is left out.
 *
 * @throws InvalidArgumentError where one is not installed
 */
export function packageClosure(names: readonly string[], from: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = (name: string, user: string) => {
    if (found[name] !== undefined) return;
    const folder = findPackage(name, user);
    if (folder === undefined) {
      throw new InvalidArgumentError(`The package ${name} is not installed. Run: npm install ${name}`);
    }
    found[name] = folder;
    const file = join(folder, "package.json");
    const { dependencies = {} } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    for (const needed of Object.keys(dependencies)) visit(needed, file);
  };
  for (const name of names) visit(name, from);
  return found;
}
