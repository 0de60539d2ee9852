/** Where Chromium is. */
import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

/** As packages of Debian and others, Google's installer, and macOS have it. */
const usualPaths = [
  "/usr/bin/chromium",
  "/usr/lib/chromium/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Folder of Debian's Chromium: what lies in PATH is a script that starts it. */
const debianFolder = "/usr/lib/chromium";

/** Files and folders that a Chromium needs, by absolute path; none where there is none. @param given as below */
export function chromiumFiles(given: string | undefined): readonly string[] {
  const found = findChromium(given);
  if (found === undefined) return [];
  const folder = dirname(realpathSync(found));
  return [folder === "/usr/bin" && existsSync(debianFolder) ? debianFolder : folder];
}

export const chromiumRemedy =
  "Install it with: apt-get install --no-install-recommends chromium fonts-dejavu-core";

/** @param given path; undefined: the usual ones @returns undefined where it is in none of them */
export function findChromium(given: string | undefined): string | undefined {
  return (given === undefined ? usualPaths : [given]).find((path) => existsSync(path));
}
