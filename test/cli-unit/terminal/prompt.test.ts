import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import {
  askPassword,
  DialogueEndedError,
  openDialogue,
  openPrompt,
} from "../../../src/cli/terminal/prompt.ts";
import { until } from "../../../src/core/async.ts";

/** Both sides of a terminal: what is typed, and what is shown. */
function terminal({ input: inputIsTty = true, output: outputIsTty = true } = {}) {
  const typed = Object.assign(new PassThrough(), { isTTY: inputIsTty, setRawMode: () => typed });
  // Node.js marks its standard streams so, and then no pipe into them ends them.
  const size = { columns: 80, rows: 24 };
  const shown = Object.assign(new PassThrough(), { isTTY: outputIsTty, _isStdio: true, ...size });
  let screen = "";
  shown.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
  });
  const stop = new AbortController();
  const streams = {
    input: typed,
    output: shown,
    signal: stop.signal,
    interrupt: () => stop.abort(new Error("interrupted")),
  };
  const shows = (text: string) =>
    until(() => (screen.includes(text) ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 5,
      describe: () => `never showed ${text}: ${JSON.stringify(screen)}`,
    });
  return { streams, typed, stop, shows, screen: () => screen };
}

describe("askPassword", () => {
  test("gives what was typed, and shows nothing of it", async () => {
    const { streams, typed, shows, screen } = terminal();
    const answer = askPassword("Passphrase of /home/me/.ssh/id:", streams);
    await shows("Passphrase of /home/me/.ssh/id:");
    for (const letter of "hunter2 €") typed.write(letter);
    typed.write("\r");
    expect(await answer).toBe("hunter2 €");
    expect(screen()).not.toMatch(/hunter|€|\*/);
    expect(typed.listenerCount("keypress")).toBe(0);
  });

  test.each([{ input: false }, { output: false }])("does not ask without a terminal: %j", async (streams) => {
    const setting = terminal(streams);
    expect(await askPassword("Passphrase:", setting.streams)).toBeUndefined();
    expect(setting.screen()).toBe("");
  });

  test("Ctrl-D is no answer", async () => {
    const { streams, typed, shows } = terminal();
    const answer = askPassword("Passphrase:", streams);
    await shows("Passphrase:");
    typed.write("\x04");
    expect(await answer).toBeUndefined();
  });

  test("a terminal that goes away is none either", async () => {
    const { streams, typed, shows } = terminal();
    const answer = askPassword("Passphrase:", streams);
    await shows("Passphrase:");
    typed.end();
    expect(await answer).toBeUndefined();
  });

  test("Ctrl-C ends everything, not the question alone", async () => {
    const { streams, typed, stop, shows } = terminal();
    const answer = askPassword("Passphrase:", streams);
    await shows("Passphrase:");
    typed.write("\x03");
    await expect(answer).rejects.toThrow("interrupted");
    expect(stop.signal.aborted).toBe(true);
  });

  test("is taken back on abort", async () => {
    const { streams, stop, shows } = terminal();
    const answer = askPassword("Passphrase:", streams);
    await shows("Passphrase:");
    stop.abort(new Error("too late"));
    await expect(answer).rejects.toThrow("too late");
    await expect(askPassword("Again:", streams)).rejects.toThrow("too late");
  });
});

test("openPrompt asks one question after the other", async () => {
  const { streams, typed, shows, screen } = terminal();
  const ask = openPrompt(streams);
  const answers = [ask("First:"), ask("Second:")];
  await shows("First:");
  expect(screen()).not.toContain("Second:");
  typed.write("one\r");
  await shows("Second:");
  typed.write("two\r");
  expect(await Promise.all(answers)).toEqual(["one", "two"]);
});

describe("a dialogue", () => {
  /** On a terminal that is there. */
  function open() {
    const setting = terminal();
    const dialogue = openDialogue(setting.streams);
    if (dialogue === undefined) throw new Error("there is no dialogue");
    return { ...setting, dialogue };
  }

  test("asks for a text until it is good; no answer is the usual one", async () => {
    const { dialogue, typed, shows } = open();
    const check = (answer: string) => (/^\d+$/.test(answer) ? undefined : `"${answer}" is not a number.`);
    const usual = dialogue.text("Nodes:", { usual: "4", check });
    await shows("Nodes: (4)");
    typed.write("\r");
    expect(await usual).toBe("4");
    const corrected = dialogue.text("Seconds:", { usual: "180", check });
    await shows("Seconds: (180)");
    typed.write("soon\r");
    await shows('"soon" is not a number.');
    typed.write("\x15");
    typed.write("20\r");
    expect(await corrected).toBe("20");
  });

  test("lets one of several be chosen, the usual one first", async () => {
    const { dialogue, typed, shows } = open();
    const choices = ["local", "remote", "both"].map((value) => ({ value, name: value }));
    const usual = dialogue.choose("Network:", { choices, usual: "remote" });
    await shows("❯ remote");
    typed.write("\r");
    expect(await usual).toBe("remote");
    const next = dialogue.choose("Again:", { choices, usual: "remote" });
    await shows("Again:");
    typed.write("\x1b[B");
    await shows("❯ both");
    typed.write("\r");
    expect(await next).toBe("both");
  });

  test("finds one of many by what is typed", async () => {
    const { dialogue, typed, shows } = open();
    const choices = ["seed", "drain", "strict"].map((value) => ({ value, name: value, description: "…" }));
    const found = dialogue.find("Option:", choices);
    await shows("❯ seed");
    for (const letter of "DRA") typed.write(letter);
    await shows("❯ drain");
    typed.write("\r");
    expect(await found).toBe("drain");
  });

  test.each([
    ["", false, false],
    ["", true, true],
    ["y", false, true],
    ["n", true, false],
  ])("confirms: %j where %j is usual is %j", async (typedText, usual, expected) => {
    const { dialogue, typed, shows } = open();
    const answer = dialogue.confirm("Start it?", usual);
    await shows(usual ? "Start it? (Y/n)" : "Start it? (y/N)");
    typed.write(`${typedText}\r`);
    expect(await answer).toBe(expected);
  });

  test("ends with Ctrl-D, and with the terminal", async () => {
    const { dialogue, typed, shows } = open();
    const left = dialogue.confirm("Left?", true);
    await shows("Left?");
    typed.write("\x04");
    await expect(left).rejects.toThrow(DialogueEndedError);
    const cut = dialogue.confirm("Cut?", true);
    await shows("Cut?");
    typed.end();
    await expect(cut).rejects.toThrow(DialogueEndedError);
  });

  test.each([{ input: false }, { output: false }])("is none without a terminal: %j", (streams) => {
    expect(openDialogue(terminal(streams).streams)).toBeUndefined();
  });
});
