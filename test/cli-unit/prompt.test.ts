import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { askPassword, openPrompt } from "../../src/cli/prompt.ts";
import { until } from "../../src/core/async.ts";

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
