// Makes sure that there is a shellcheck for the tests, where one may be installed.
import { spawnSync } from "node:child_process";
import { prepareProgram } from "./apt.mjs";

const isThere = () => spawnSync("shellcheck", ["--version"], { stdio: "ignore" }).status === 0;

/** @returns {{ available: true } | { available: false; reason: string }} */
export function prepareShellcheck(say) {
  return prepareProgram({ isThere, packages: ["shellcheck"] }, say);
}
