/** The wizard on hosts over SSH: typed in, with a wrong address and a key that nobody knows; and those of the environment. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoPseudoTerminal } from "../support/pseudo-terminal.ts";
import { type SharedHosts, shareTestHosts, testHostsLimitMs, whyNoTestHosts } from "./remote-setting.ts";
import { openSetting } from "./setting.ts";
import { down, enter, openWizard, plain } from "./wizard-terminal.ts";

const whyNot = whyNoTestHosts ?? whyNoPseudoTerminal;

/** What is asked after the hosts, up to the summary. */
const questions = ["? Search:", "? Remote loads", "? Duration", "? Runs", "? Transaction size", "? Cleanup:"];

describe.skipIf(whyNot !== undefined)(`hosts that the wizard is given ${whyNot ?? ""}`, () => {
  let hosts: SharedHosts;

  beforeAll(async () => {
    hosts = await shareTestHosts({ count: 1, docker: false, nodePorts: false });
  }, testHostsLimitMs);
  afterAll(() => hosts?.[Symbol.asyncDispose]());

  const host = () => {
    const [first] = hosts.hosts;
    if (first === undefined) throw new Error("there is no test host");
    return first;
  };

  test("are connected to as they are typed in, and their keys taken after a yes alone", async () => {
    await using setting = await openSetting();
    const { address, sshPort, user, keyFile } = host();
    const known = join(setting.home, ".ssh", "known_hosts");
    const env = { BALEEN_RUNTIME: "process", MYSTICETI_NODE0_HOST: "192.0.2.1" };
    await using terminal = await openWizard(setting, { argv: ["--network-type=remote"], env });
    const { reply } = terminal;
    await reply("❯ remote", enter);
    await reply("❯ mysticeti", enter);
    await reply("(4)", enter);
    await reply("❯ the environment (MYSTICETI_NODE0_HOST)", down);
    await reply("❯ typed in", enter);
    await reply("host0, [user@]address[:port]:", `a,b${enter}`);
    await reply("Enter [user@]address[:port]", `\x15${user}@127.0.0.1:1${enter}`);
    await reply("Private key (PATH; default: the one ssh would use) (default)", `${keyFile}${enter}`);
    await reply("Jump host", enter);
    await terminal.expect(/connection\s+refused/, 60_000);
    await reply("❯ Correct the entry", enter);
    await reply(
      `host0, [user@]address[:port]: (${user}@127.0.0.1:1)`,
      `${user}@${address}:${sshPort}${enter}`,
    );
    await reply("Private key", enter);
    await reply("Jump host", enter);
    const fingerprint = /SHA256:\S+/;
    const first = fingerprint.exec(await terminal.expect(fingerprint))?.[0];
    await reply("Accept and save it? (y/N)", enter);
    await terminal.expect("not ready");
    expect(await readdir(setting.home)).toEqual([]);
    await reply("❯ Correct the entry", down);
    await reply("❯ Try it again", enter);
    expect(fingerprint.exec(await terminal.expect(fingerprint))?.[0]).toBe(first);
    expect(await readFile(hosts.knownHostsFile, "utf8")).toContain("ssh-ed25519");
    await reply("Accept and save it? (y/N)", `y${enter}`);
    await terminal.expect(": ready");
    expect((await readFile(known, "utf8")).trim().split("\n")).toHaveLength(1);
    await reply(
      "host1, [user@]address[:port]; empty: no more hosts:",
      `${user}@${address}:${sshPort}${enter}`,
    );
    await reply("is already one of the hosts", `\x15${enter}`);
    for (const question of questions) await reply(question, enter);
    await reply("Set advanced options?", enter);
    await reply("File for these hosts: (hosts.yaml)", enter);
    await reply("Save that file?", enter);
    await reply("Start the benchmark now?", `n${enter}`);
    expect(await terminal.ended).toBe(0);
    expect(plain(terminal.screen())).toContain(
      "\nenv -u MYSTICETI_NODE0_HOST npx baleen benchmark --network-type remote \\\n  --cleanup --hosts hosts.yaml\n",
    );
    expect((await readdir(setting.home)).sort()).toEqual([".ssh", "hosts.yaml"]);
    const checked = await setting.start("baleen", ["hosts", "check", "--hosts=hosts.yaml"]).ended;
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("1 host ready.") });
  });

  test("are those of the environment, where it describes them", { tags: "full" }, async () => {
    await using setting = await openSetting();
    const { address, sshPort, user, keyFile } = host();
    const node = Object.fromEntries(
      [0, 1, 2, 3].flatMap((number) => [
        [`MYSTICETI_NODE${number}_HOST`, address],
        [`MYSTICETI_NODE${number}_SSH_PORT`, String(sshPort)],
        [`MYSTICETI_NODE${number}_SSH_USER`, user],
        [`MYSTICETI_NODE${number}_SSH_KEY`, keyFile],
      ]),
    );
    const env = { ...node, MYSTICETI_KNOWN_HOSTS: hosts.knownHostsFile, BALEEN_NETWORK_TYPE: "remote" };
    await using terminal = await openWizard(setting, { env });
    const { reply } = terminal;
    await reply("❯ remote", enter);
    await reply("❯ mysticeti", enter);
    await reply("(4)", enter);
    await reply("❯ the environment (MYSTICETI_NODE0_HOST and 3 more)", enter);
    await terminal.expect(": ready");
    for (const question of questions) await reply(question, enter);
    await reply("Set advanced options?", enter);
    await reply("Save that file?", enter);
    await reply("Start the benchmark now?", `n${enter}`);
    expect(await terminal.ended).toBe(0);
    const shown = plain(terminal.screen());
    expect(shown).toContain("\n  Network: remote, 4 nodes on 1 host\n");
    expect(shown).toContain("\nnpx baleen benchmark --network-type remote --cleanup\n");
  });
});
