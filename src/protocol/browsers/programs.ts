/** Programs of the processes of a test in browsers, and the browser that they need. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeProgram } from "../../contracts/deployment.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { packageClosure } from "../../core/process/packages.ts";
import { chromiumFiles, chromiumRemedy, findChromium } from "../../peer/browser/find-chromium.ts";

export const browserRole = "browser";
/** Each takes some 300 MB of memory. */
export const largestCommittee = 128;
/** Value of an option that names nothing. */
export const noneNamed = "none";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Fonts, and how they are found, for a browser in a container. */
const fonts = ["/etc/fonts", "/usr/share/fontconfig", "/usr/share/fonts/truetype/dejavu"];

/** @param chromium its path; undefined: where packages install it */
export const browserProgram = (chromium?: string): NodeProgram => ({
  kind: "node-program",
  name: "browser",
  root,
  entry: "dist/peer/browser/main.js",
  include: ["dist/core", "dist/peer", "dist/contracts", "package.json"],
  packages: packageClosure(["puppeteer-core"], import.meta.url),
  system: [...chromiumFiles(chromium), ...fonts.filter((path) => existsSync(path))],
});

export const helperProgram = (): NodeProgram => ({
  kind: "node-program",
  name: "test-server",
  root,
  entry: "dist/server/helper/main.js",
  include: ["dist", "package.json"],
  packages: packageClosure(["fastify", "@fastify/rate-limit", "undici", "ws", "zod"], import.meta.url),
});

/** `baleen browsers` itself, for an image that starts browsers for a test that is run elsewhere. */
export function joiningProgram(): NodeProgram {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const { system = [] } = browserProgram();
  return {
    ...{ kind: "node-program", name: "browsers", root, entry: "bin/baleen.js", args: ["browsers"], system },
    include: ["bin", "dist", "package.json"],
    packages: packageClosure([...Object.keys(dependencies), "puppeteer-core"], import.meta.url),
  };
}

/** @param given the option `chromium` @returns undefined for its default */
export const pathOf = (given: unknown) =>
  given === undefined || given === "auto" ? undefined : resolve(String(given));

/** @param given the option `chromium`; undefined: its default */
export function chromiumDiagnostics(given: unknown): readonly Diagnostic[] {
  const chromium = pathOf(given);
  if (findChromium(chromium) !== undefined) return [];
  const where = chromium === undefined ? "Chromium is missing" : `There is no Chromium at ${chromium}`;
  return [{ code: "chromium-missing", message: `${where}. ${chromiumRemedy}.` }];
}
