import { describe, expect, test } from "vitest";
import { untilGone } from "./processes.ts";
import { spawnOnTerminal, whyNoPseudoTerminal } from "./pseudo-terminal.ts";

const sh = (script: string, ...words: string[]) => ["sh", "-c", script, "sh", ...words];

describe.skipIf(whyNoPseudoTerminal !== undefined)(`a terminal ${whyNoPseudoTerminal ?? ""}`, () => {
  test("is one on all three streams, has the size that was asked for, and shows nothing but the command", async () => {
    const script = 'test -t 0 && test -t 1 && test -t 2 && stty size && echo "$1"';
    await using terminal = await spawnOnTerminal(sh(script, "it's $HOME"), { cols: 40, rows: 10 });
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toBe("10 40\r\nit's $HOME\r\n");
  });

  test("shows what is typed, and finds one answer after the other", async () => {
    await using terminal = await spawnOnTerminal(sh("while read -r it; do echo [$it]; done"));
    terminal.send("one\r");
    expect(await terminal.expect("[one]")).toBe("one\r\n[one]");
    terminal.send("two\r");
    await terminal.expect(/\[t\w+\]/);
    terminal.send("\x04");
    expect(await terminal.ended).toBe(0);
    await expect(terminal.expect("[one]")).rejects.toThrow(/never showed \[one\]:\none/);
  });

  test("makes a signal of Ctrl-C, and tells by which one a command ended", async () => {
    await using terminal = await spawnOnTerminal(sh("echo here; exec sleep 60"));
    await terminal.expect("here");
    terminal.send("\x03");
    expect(await terminal.ended).toBe(130);
  });

  test("gives the command's environment, folder and exit code", async () => {
    const options = { env: { NAME: "value" }, cwd: "/" };
    await using terminal = await spawnOnTerminal(sh('echo "$NAME $HOME $(pwd)"; exit 3'), options);
    expect(await terminal.ended).toBe(3);
    expect(terminal.screen()).toBe("value  /\r\n");
  });

  test("changes its size under the command", async () => {
    const script = "trap 'stty size; exit' WINCH; echo here; while :; do sleep 0.05; done";
    await using terminal = await spawnOnTerminal(sh(script));
    await terminal.expect("here");
    terminal.resize(50, 20);
    await terminal.expect("20 50");
    expect(await terminal.ended).toBe(0);
  });

  test("hangs up when it is disposed of", async () => {
    const terminal = await spawnOnTerminal(sh("echo $$; exec sleep 60"));
    const pid = Number((await terminal.expect("\r\n")).trim());
    expect(process.kill(pid, 0)).toBe(true);
    await terminal[Symbol.asyncDispose]();
    await untilGone(pid);
  });
});
