import { spawn, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { formatEnd, formatStart, readGroup } from "../../../../src/deploy/ssh/session/command-line.ts";
import { explainSudo } from "../../../../src/deploy/ssh/session/launch.ts";

const mark = "mark-1";

/** As the leader of a group of its own, as sshd starts it: the leader of the tests' own group may have ended long ago. */
function runLine(line: string) {
  const { stdout, stderr, status } = spawnSync("setsid", ["--wait", "sh", "-c", line]);
  return { stdout: String(stdout), stderr: stderr as Buffer, status };
}

describe.skipIf(process.platform !== "linux")("the line that starts a command (needs /proc)", () => {
  test("tells its group first, and gives the command its words", () => {
    const words = ["printf", "%s|", "a b", "$(id)", "'", "\n", ""];
    const { stdout, stderr } = runLine(formatStart(words, { mark, viaSudo: false }));
    expect(stdout).toBe("a b|$(id)|'|\n||");
    const found = readGroup(stderr, mark);
    expect(found?.rest.toString()).toBe("");
    expect(Number(found?.group.id)).toBeGreaterThan(1);
    expect(found?.group.leaderStart).toMatch(/^\d+$/);
  });

  test("passes on what the command writes, and its exit code", () => {
    const line = formatStart(["sh", "-c", "echo oops >&2; exit 9"], { mark, viaSudo: false });
    const { stderr, status } = runLine(`echo noise of the shell >&2; ${line}`);
    expect(status).toBe(9);
    expect(readGroup(stderr, mark)?.rest.toString()).toBe("oops\n");
  });

  test.each([
    ["a group of an id that is none", { id: "", leaderStart: "" }],
    ["the caller's own group", { id: "0", leaderStart: "1" }],
    ["a group that is gone", { id: "999999999", leaderStart: "1" }],
  ])("never ends %s", (_, group) => {
    expect(runLine(`${formatEnd(group, false).replace(/^exec /, "")}; echo alive`).stdout).toBe("alive\n");
  });

  test("ends no later group that has the id now", () => {
    const child = spawn("sleep", ["100"], { detached: true, stdio: "ignore" });
    try {
      const group = { id: String(child.pid), leaderStart: "1" };
      expect(runLine(formatEnd(group, false)).status).toBe(0);
      expect(process.kill(Number(child.pid), 0)).toBe(true);
    } finally {
      child.kill("SIGKILL");
    }
  });
});

test("the group is read only when its line is whole", () => {
  expect(readGroup(Buffer.from(`noise\n${mark} 12`), mark)).toBeUndefined();
  expect(readGroup(Buffer.from("noise\n"), mark)).toBeUndefined();
  expect(readGroup(Buffer.from(`noise\n${mark} 12 34\nmore`), mark)).toEqual({
    group: { id: "12", leaderStart: "34" },
    rest: Buffer.from("more"),
  });
});

test("root is asked of sudo without a password, word by word", () => {
  const line = formatStart(["id; id"], { mark, viaSudo: true });
  expect(line).toMatch(/^exec env 'LC_ALL=C' sudo -n -- env 'LC_ALL=C' sh -c '/);
  expect(line).toMatch(/ mark-1 'id; id'$/);
});

test("a command without a name is none", () => {
  expect(() => formatStart([], { mark, viaSudo: false })).toThrow(/at least a name/);
});

describe("what sudo says", () => {
  const context = { host: "node1", description: "u@h:22" } as Parameters<typeof explainSudo>[0];

  test.each([
    ["sudo: a password is required\n", "host-sudo-password"],
    ["sudo: a terminal is required to read the password; either use the -S option\n", "host-sudo-password"],
    ["sudo: interactive authentication is required\n", "host-sudo-password"],
    ["noise\nsudo: u is not in the sudoers file.\n", "host-sudo-refused"],
    ["sudo-rs: I'm sorry u. I'm afraid I can't do that\n", "host-sudo-refused"],
    ["env: 'sudo': No such file or directory\n", "host-sudo-refused"],
    ["env: can't execute 'sudo': No such file or directory\n", "host-sudo-refused"],
  ])("%j means %s", (stderr, code) => {
    expect(explainSudo(context, stderr)).toMatchObject({ code, host: "node1" });
  });

  test("is told from what others say", () => {
    expect(explainSudo(context, "cat: /x: No such file or directory\n")).toBeUndefined();
  });
});
