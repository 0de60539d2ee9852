/** The commands of the pages that need hosts over SSH, as a user with a file of hosts has them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { formatHostsFile } from "../../src/deploy/testbed/layout.ts";
import { sessions } from "../docs/documented.ts";
import { engineVariables } from "./docker-setting.ts";
import { runSession } from "./documented-session.ts";
import {
  expectAsBefore,
  look,
  openRemoteSetting,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  whyNoTestHosts,
} from "./remote-setting.ts";

const sessionLimitMs = 400_000;

describe.skipIf(whyNoTestHosts !== undefined)(`on hosts with Docker ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;
  let before: readonly string[][];

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: true });
    before = await Promise.all([look(hosts, 0), look(hosts, 1)]);
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  for (const session of sessions.filter(({ on }) => on === "hosts")) {
    test(session.commands.map(({ line }) => line).join("; "), { timeout: sessionLimitMs }, async () => {
      await using setting = await openRemoteSetting(hosts);
      // Two nodes on each.
      const places = [...hosts.hosts, ...hosts.hosts];
      const { knownHostsFile } = hosts;
      const text = formatHostsFile(places, { knownHostsFile, nodePorts: true, testbed: "default" });
      for (const name of ["hosts.env", "testbed.env"]) await writeFile(join(setting.home, name), text);
      const env = engineVariables();
      const start: typeof setting.start = (binary, args) => setting.start(binary, args, { env });
      await runSession({ ...setting, start }, session);
      await expectAsBefore(hosts, before);
    });
  }
});
