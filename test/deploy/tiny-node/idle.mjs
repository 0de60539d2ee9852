// Says what it was given, and waits.
import { readFileSync } from "node:fs";

const read = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};
const { HOME, GREETING: greeting } = process.env;
const said = { args: process.argv.slice(2), greeting, note: read(`${HOME}/note`) };
process.stdout.write(`${JSON.stringify(said)}\n`);
setInterval(() => {}, 60_000);
