/** An encrypted key: its passphrase is asked for on a terminal, once for all hosts, and seen nowhere. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { quoteArgv } from "../../src/core/text/quote.ts";
import {
  complaints,
  openRemoteSetting,
  type RemoteSetting,
  type SharedHosts,
  shareTestHosts,
  testHostsLimitMs,
  watchCommandLines,
  whyNoTestHosts,
} from "./remote-setting.ts";

const baleen = fileURLToPath(new URL("../../bin/baleen.js", import.meta.url));
const passphrase = "correct horse battery staple";

/** The same hosts, with a key that is encrypted. @returns the key's path */
async function encryptKey(setting: RemoteSetting, hosts: SharedHosts): Promise<string> {
  const key = join(setting.home, "encrypted-key");
  await copyFile(hosts.keyFile, key);
  const { PATH } = process.env;
  await runCommand(["ssh-keygen", "-p", "-f", key, "-P", "", "-N", passphrase], {
    env: { PATH },
    timeoutMs: 20_000,
  });
  const text = await readFile(setting.hostsFile, "utf8");
  await writeFile(setting.hostsFile, text.replaceAll(JSON.stringify(hosts.keyFile), JSON.stringify(key)));
  return key;
}

describe.skipIf(whyNoTestHosts !== undefined)(`an encrypted key ${whyNoTestHosts ?? ""}`, () => {
  let hosts: SharedHosts;

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 2, docker: false, nodePorts: false });
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  test("without a terminal is an error that says what to do", async () => {
    await using setting = await openRemoteSetting(hosts);
    const key = await encryptKey(setting, hosts);
    const { code, stderr } = await setting.remote(["--loads=50"]).ended;
    expect(code).toBe(2);
    expect(complaints(stderr).join("\n")).toContain(
      `The key ${key} for host0 is encrypted, and there is no terminal to ask for its passphrase. Run the command on a terminal, or `,
    );
  });

  test("on a terminal is opened with the passphrase, which is not shown and in no command line", async () => {
    await using setting = await openRemoteSetting(hosts);
    const key = await encryptKey(setting, hosts);
    await using commandLines = watchCommandLines();
    const argv = [process.execPath, baleen, "hosts", "check", `--hosts=${setting.hostsFile}`];
    // A terminal of its own, which this pipe types on.
    const terminal = spawn("script", ["-qefc", quoteArgv(argv), "/dev/null"], {
      env: { PATH: process.env.PATH, HOME: setting.home, TERM: "dumb", SHELL: "/bin/sh" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let shown = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
    const ended = once(terminal, "close");
    try {
      const asked = () => (shown.includes(`Passphrase of ${key}:`) ? true : undefined);
      await until(asked, { timeoutMs: 60_000, everyMs: 20, describe: () => `nothing was asked:\n${shown}` });
      terminal.stdin.write(`${passphrase}\r`);
      const reported = () => (/\d+ hosts? ready\./.test(shown) ? true : undefined);
      await until(reported, {
        timeoutMs: 60_000,
        everyMs: 20,
        describe: () => `it did not go on:\n${shown}`,
      });
      expect(shown).toContain("2 hosts ready.");
      expect((await ended)[0]).toBe(0);
    } finally {
      terminal.kill("SIGKILL");
    }
    expect([...commandLines.seen].join("\n")).toContain("hosts check");
    for (const text of [shown, ...commandLines.seen]) expect(text).not.toContain(passphrase);
  });
});
