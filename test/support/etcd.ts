/** A system that is not ours and is small to install: `npm test` installs it where it may. */
import { existsSync } from "node:fs";
import type { ForeignProgram } from "../../src/contracts/deployment.ts";

/** Where Debian's etcd-server has it. */
export const etcdPath = "/usr/bin/etcd";

/** Why tests with etcd are skipped here; undefined: they are not. */
export const whyNoEtcd: string | undefined = existsSync(etcdPath)
  ? undefined
  : `(SKIPPED: there is no ${etcdPath}; npm test installs it as root on Debian or Ubuntu, or: apt-get install etcd-server)`;

export const etcd: ForeignProgram = {
  kind: "foreign-program",
  name: "etcd",
  path: etcdPath,
  remedy: "Install it: apt-get install etcd-server.",
};
