// Which Node.js runs what here. Must itself run on Node.js 14.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const least = [22, 19];

/** Where npm lays the pinned Node.js if the machine's own is too old. */
const pinned = join(root, "node_modules", ".bin", "node");

/** The Node.js for everything but the installation; undefined where the one that runs is too old, and no other there. */
export function findNode() {
  if (existsSync(pinned)) return pinned;
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]) ? process.execPath : undefined;
}
