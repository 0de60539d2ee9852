/** Where Chromium is. */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** As packages of Debian and others, Google's installer, and macOS have it. */
const usualPaths = [
  "/usr/lib/chromium/chromium",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/opt/google/chrome/chrome",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** What is there is a script, which starts the program of this folder. */
const scripts: Readonly<Record<string, string>> = { "/usr/bin/chromium": "/usr/lib/chromium" };

export const chromiumRemedy =
  "Install it with: apt-get install --no-install-recommends chromium fonts-dejavu-core";

/**
 * @param given path; undefined: the usual ones
 * @returns path of the program itself, behind links and scripts that are known; undefined where it is in none of them
 */
export function findChromium(given: string | undefined): string | undefined {
  const found = (given === undefined ? usualPaths : [given]).find((path) => existsSync(path));
  if (found === undefined) return undefined;
  const real = realpathSync(found);
  const program = join(scripts[real] ?? "", "chromium");
  return scripts[real] !== undefined && existsSync(program) ? program : real;
}

/**
 * Files and folders that a Chromium needs, by absolute path: the folder that it has for itself. None where there is no
 * Chromium, or a script that nobody knows starts it. @param given as above
 */
export function chromiumFiles(given: string | undefined): readonly string[] {
  const program = findChromium(given);
  const folder = program === undefined ? "/usr/bin" : dirname(program);
  return folder === "/usr/bin" || folder === "/bin" ? [] : [folder];
}
