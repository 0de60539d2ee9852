// Makes sure that there is an etcd for the tests of systems that a file describes, where one may be installed.
import { existsSync } from "node:fs";
import { prepareProgram } from "./apt.mjs";

const isThere = () => existsSync("/usr/bin/etcd");

/** @returns {{ available: true } | { available: false; reason: string }} */
export function prepareEtcd(say) {
  // It is for the tests alone, which start it themselves: the package must not start one for everybody.
  return prepareProgram({ isThere, packages: ["etcd-server"], env: { RUNLEVEL: "1" } }, say);
}
