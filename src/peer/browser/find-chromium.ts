/** Where Chromium is. */
import { existsSync } from "node:fs";

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

export const chromiumRemedy =
  "Install it with: apt-get install --no-install-recommends chromium fonts-dejavu-core";

/** @param given path; undefined: the usual ones @returns undefined where it is in none of them */
export function findChromium(given: string | undefined): string | undefined {
  return (given === undefined ? usualPaths : [given]).find((path) => existsSync(path));
}
