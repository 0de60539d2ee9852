// `npm run pack`: baleen-<version>.tgz, the package as others install it. A mere `npm pack` would leave in it what is of
// use in a checkout alone: a dependency on a folder that the package does not hold, and scripts.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./node.mjs";

const folder = mkdtempSync(join(tmpdir(), "baleen-pack-"));
const pack = (from, to) => {
  const args = ["pack", "--silent", "--pack-destination", to];
  return execFileSync("npm", args, {
    cwd: from,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
};
try {
  execFileSync("tar", ["-xzf", join(folder, pack(root, folder)), "-C", folder]);
  const home = join(folder, "package");
  const file = join(home, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  for (const key of ["private", "scripts", "devDependencies", "optionalDependencies"]) delete manifest[key];
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(join(root, pack(home, root)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
