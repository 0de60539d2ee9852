// Makes sure that the shells are there whose completion is tested, where they may be installed. Tests of those that are
// missing are skipped, and say so.
import { spawnSync } from "node:child_process";
import { prepareProgram } from "./apt.mjs";

export function prepareShells(say) {
  for (const shell of ["zsh", "fish"]) {
    const isThere = () => spawnSync(shell, ["--version"], { stdio: "ignore" }).error === undefined;
    const { available, reason } = prepareProgram({ isThere, packages: [shell] }, say);
    if (!available) say(`\nTests of ${shell} are skipped: ${reason}.`);
  }
}
