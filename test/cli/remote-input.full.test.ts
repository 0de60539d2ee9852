/** What is wrong with what was said of hosts: told before any of them is asked, and nothing of it is ever run. */
import { copyFile, mkdir, readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";
import {
  expectRefusal,
  type HostLines,
  openRemoteSetting,
  type Refusal,
  type RemoteHosts,
  startRemoteHosts,
  watchHosts,
} from "./refusal-setting.ts";

describe.skipIf(whyNoTestHosts !== undefined)(`what is said of hosts ${whyNoTestHosts ?? ""}`, () => {
  let fleet: RemoteHosts;
  beforeAll(async () => {
    fleet = await startRemoteHosts();
  }, testHostsLimitMs);
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const hostile = [
    "two words",
    "it's",
    'say "so"',
    "a;touch done",
    "$(touch done)",
    "`touch done`",
    "a|touch done",
    "a&&touch done",
    "-oProxyCommand=touch done",
    "a\ntouch done",
    "a\0b",
  ];
  const quoted = (value: string) => JSON.stringify(value).replace("\\u0000", "\0");
  const keys = ["HOST", "SSH_USER", "SSH_JUMP", "PRIVATE_HOST", "SSH_PORT"];
  test.each(hostile.map((value) => [JSON.stringify(value), value]))(
    "%s is refused everywhere",
    async (_, value) => {
      const lines: HostLines = Object.fromEntries(
        keys.map((key) => [`MYSTICETI_NODE1_${key}`, quoted(value)]),
      );
      const diagnostics = value.includes("\0")
        ? [/^error: --hosts hosts\.env: it is not a text file\. Use a readable hosts file/]
        : ["HOST", "SSH_PORT", "SSH_USER", "SSH_JUMP", "PRIVATE_HOST"].map(
            (key) => new RegExp(`^error: MYSTICETI_NODE1_${key} in hosts\\.env:\\d+: .* Give .*\\.$`),
          );
      await expectRefusal(fleet, { lines, diagnostics });
    },
  );

  test("files and folders may have any name, and nothing of it is run", async () => {
    await using setting = await openRemoteSetting(fleet);
    const expectHostsAsBefore = await watchHosts(fleet);
    const name = `a 'b' "c";$(touch done)\`touch done\` -d`;
    await mkdir(join(setting.home, name));
    await copyFile(join(setting.home, "key0"), join(setting.home, name, "key"));
    await copyFile(join(setting.home, "known_hosts"), join(setting.home, name, "known"));
    const path = (file: string) => `"~/${name.replaceAll('"', '\\"')}/${file}"`;
    await setting.writeHosts({
      MYSTICETI_NODE0_SSH_KEY: path("key"),
      MYSTICETI_KNOWN_HOSTS: path("known"),
    });
    await copyFile(join(setting.home, "hosts.env"), join(setting.home, name, "hosts.env"));
    const files = (await readdir(setting.home)).sort();
    const { code, stderr } = await setting.start("baleen", ["hosts", "check", "--hosts", `${name}/hosts.env`])
      .ended;
    expect([code, stderr]).toEqual([0, ""]);
    expect((await readdir(setting.home)).sort()).toEqual(files);
    await expectHostsAsBefore();
  });

  /** A file instead of the usual one. */
  const file = (name: string, content: string | Buffer): Pick<Refusal, "args" | "arrange"> => ({
    args: [`--hosts=${name}`],
    arrange: async ({ home }) => {
      await writeFile(join(home, name), content);
      return undefined;
    },
  });
  const noise = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * index + 7 * index) % 256));
  const noPair = (line: number) => new RegExp(`^error: notes\\.env:${line}: not of the form NAME=value\\.`);
  const unread = (name: string, why: string) =>
    new RegExp(`^error: --hosts ${name}: ${why}.*\\. Use a readable hosts file; hosts\\.example\\.env`);
  test.each<[string, Refusal]>([
    [
      "is missing",
      { args: ["--hosts=none.env"], diagnostics: [unread("none\\.env", "ENOENT: no such file")] },
    ],
    ["is a folder", { args: ["--hosts=."], diagnostics: [unread("\\.", "EISDIR: ")] }],
    [
      "is empty",
      {
        ...file("empty.env", ""),
        diagnostics: [/^error: A committee of 2 needs hosts, and there are none\. Name /],
      },
    ],
    [
      "is empty YAML",
      { ...file("empty.yaml", ""), diagnostics: [/^error: empty\.yaml:1: not a list of hosts\. Write /] },
    ],
    [
      "is binary",
      { ...file("noise.env", noise), diagnostics: [unread("noise\\.env", "it is not a text file")] },
    ],
    [
      "is binary YAML",
      { ...file("noise.yaml", noise), diagnostics: [unread("noise\\.yaml", "it is not a text file")] },
    ],
    [
      "is huge",
      {
        args: ["--hosts=huge.env"],
        arrange: async ({ home }) => {
          await writeFile(join(home, "huge.env"), "");
          await truncate(join(home, "huge.env"), 8 * 1024 ** 3);
          return undefined;
        },
        diagnostics: [unread("huge\\.env", "it is larger than 1 MiB")],
      },
    ],
    [
      "is prose",
      {
        ...file("notes.env", "Dear all,\n".repeat(40)),
        diagnostics: [
          ...[1, 2, 3, 4, 5].map(noPair),
          /^error: notes\.env: 35 more lines are not of the form NAME=value\. Use /,
        ],
      },
    ],
    [
      "has unknown keys",
      {
        lines: { MYSTICETI_NODE1_HOTS: "a", MYSTICETI_COLOUR: "blue" },
        diagnostics: [
          /^error: MYSTICETI_NODE1_HOTS in hosts\.env:\d+: no such key\. Did you mean MYSTICETI_NODE1_HOST\?$/,
          /^error: MYSTICETI_COLOUR in hosts\.env:\d+: no such key\. See hosts\.example\.env for the keys\.$/,
        ],
      },
    ],
    [
      "has unknown keys in YAML",
      {
        ...file("hosts.yaml", "hosts: [{ adress: a }, { address: b }]\n"),
        diagnostics: [
          /^error: hosts\[0\]\.adress in hosts\.yaml:1: no such key\. Did you mean address\?$/,
          /^error: hosts\[0\] in hosts\.yaml:1: it has no address\. Add one/,
        ],
      },
    ],
  ])("in a file that %s", (_, refusal) => expectRefusal(fleet, refusal));

  test.each<[string, Refusal]>([
    ...["0", "-3", "soon", "1e9", "5s"].map((value): [string, Refusal] => [
      `SSH_TIMEOUT=${value}`,
      {
        lines: { SSH_TIMEOUT: value },
        diagnostics: [/^error: SSH_TIMEOUT in hosts\.env:\d+: .* Give a number of/],
      },
    ]),
    [
      "--ssh-timeout soon",
      {
        args: ["--ssh-timeout=soon"],
        diagnostics: [/^error: --ssh-timeout: "soon" is not a number\. Give /],
      },
    ],
    [
      "--rpc-via pigeon",
      {
        args: ["--rpc-via=pigeon"],
        diagnostics: [/^error: --rpc-via: "pigeon" is not a known value\. Give direct or ssh/],
      },
    ],
    [
      "an image that no engine here has",
      {
        args: ["--image=nobody/has-this:1"],
        diagnostics: [
          /^error: --image nobody\/has-this:1: the image comes from the Docker engine of this machine, unless /,
        ],
      },
    ],
    [
      "a committee that is larger than there are places",
      {
        args: ["--committee=5"],
        diagnostics: [
          /^error: A committee of 5 needs a place for each node, and nodes 2, 3, 4 have none\. Set /,
        ],
      },
    ],
    [
      "a loopback address for the other hosts",
      {
        lines: { MYSTICETI_NODE1_PRIVATE_HOST: "127.0.0.1" },
        diagnostics: [
          /^error: host1: the other hosts cannot reach it at 127\.0\.0\.1, a loopback address\. Set /,
        ],
      },
    ],
  ])("%s", (_, refusal) => expectRefusal(fleet, refusal));

  test("one host twice, so that the ports of its nodes would clash", () =>
    expectRefusal(fleet, {
      lines: {
        MYSTICETI_NODE1_HOST: fleet.hosts[0]?.address,
        MYSTICETI_NODE1_SSH_PORT: "2200",
        MYSTICETI_NODE0_PRIVATE_HOST: undefined,
        MYSTICETI_NODE1_PRIVATE_HOST: undefined,
      },
      diagnostics: [
        /^error: MYSTICETI_NODE1_HOST in hosts\.env:\d+: \S+ is also at MYSTICETI_NODE0_HOST .* the ports of their nodes would clash\. If they are one machine, use the same SSH port/,
      ],
    }));

  test("one host under two names", () =>
    expectRefusal(fleet, {
      lines: { MYSTICETI_NODE1_HOST: fleet.hosts[0]?.address, MYSTICETI_NODE1_SSH_KEY: "key0" },
      diagnostics: [/^error: .*hosts\.env/],
    }));
});
