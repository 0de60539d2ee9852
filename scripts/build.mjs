// Compiles src/ to dist/, unless dist/ is already made from just these sources. With --check it compiles nothing, and
// fails where that is not so.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./node.mjs";

const stamp = join(root, "dist", ".sources");

async function fingerprint() {
  const hash = createHash("sha256");
  const files = (await readdir(join(root, "src"), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [
    join(root, "tsconfig.browser.json"),
    join(root, "tsconfig.build.json"),
    join(root, "tsconfig.json"),
    join(root, "package-lock.json"),
    ...files,
  ]) {
    hash
      .update(file.slice(root.length))
      .update("\0")
      .update(await readFile(file))
      .update("\0");
  }
  return hash.digest("hex");
}

const wanted = await fingerprint();
const present = await readFile(stamp, "utf8").catch(() => "");
if (process.argv.includes("--check")) process.exit(present === wanted ? 0 : 1);
if (present !== wanted) {
  console.error("Building …");
  await rm(join(root, "dist"), { recursive: true, force: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  // Pages first: what they share with the rest is compiled again with it.
  for (const project of ["tsconfig.browser.json", "tsconfig.build.json"]) {
    const argv = [tsc, "-p", join(root, project), "--noEmit", "false"];
    const { status } = spawnSync(process.execPath, argv, { stdio: "inherit", cwd: root });
    if (status !== 0) process.exit(status ?? 1);
  }
  for (const pages of [join("server", "browser"), join("server", "client-page", "browser")]) {
    for (const { name, parentPath } of await readdir(join(root, "src", pages), { withFileTypes: true })) {
      if (/\.(html|css|svg)$/.test(name))
        await copyFile(join(parentPath, name), join(root, "dist", pages, name));
    }
  }
  await writeFile(stamp, wanted);
}
