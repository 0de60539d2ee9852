import { spawnSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "../../src/contracts/hosts/host.ts";
import { CommandError } from "../../src/core/process/command.ts";
import { readProcess } from "../../src/core/process/processes.ts";
import { eventually, untilGone } from "../support/processes.ts";
import { connectTo, type Sshd, startSshd, whyNoSshd } from "../support/sshd.ts";

const limits = { timeoutMs: 30_000 };

async function errorOf(work: Promise<unknown>): Promise<Error & { code?: string; host?: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("It has not failed.", { cause: error });
  return error;
}

/** A process that ignores SIGTERM, with one of its own, that tells both pids. */
const stubbornTree = `trap '' TERM; sh -c "trap '' TERM; echo child \\$\\$; while :; do sleep 1; done" & echo parent $$; while :; do sleep 1; done`;

describe.skipIf(whyNoSshd !== undefined)(`commands on a host ${whyNoSshd ?? ""}`, () => {
  let sshd: Sshd;
  let host: Host;

  beforeAll(async () => {
    sshd = await startSshd();
    host = await connectTo(sshd);
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  test("give their output and exit code", async () => {
    const result = await host.exec(["sh", "-c", "printf 'out é'; printf err >&2; exit 3"], {
      ...limits,
      allowFailure: true,
    });
    expect(result).toEqual({ exitCode: 3, stdout: "out é", stderr: "err" });
  });

  test("get their words as they are: nothing in them is executed", async () => {
    const canary = join(sshd.folder, "canary");
    const words = [
      `$(touch '${canary}')`,
      `\`touch ${canary}\``,
      `; touch ${canary}`,
      "a\nb",
      "'",
      '"',
      "",
      "-n",
      "é",
      "*",
      "\\",
    ];
    const { stdout } = await host.exec(["printf", "%s\\0", ...words], limits);
    expect(stdout.split("\0").slice(0, -1)).toEqual(words);
    await host.exec([`nothing; touch ${canary}`], { ...limits, allowFailure: true });
    await expect(stat(canary)).rejects.toThrow("ENOENT");
  });

  test("speak plain English, and find what administrators use", async () => {
    const { stdout } = await host.exec(["sh", "-c", "echo $LC_ALL; echo :$PATH:"], limits);
    expect(stdout).toMatch(/^C\n.*:\/usr\/sbin:/);
  });

  test("that fail say so, with host, command, exit code and what they wrote", async () => {
    const error = await errorOf(host.exec(["sh", "-c", "echo why >&2; exit 4"], limits));
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ host: "node1", code: "command", reason: "exit", exitCode: 4 });
    expect(error.message).toContain("on node1 failed with exit code 4: why");
    const killed = await errorOf(host.exec(["sh", "-c", "kill -KILL $$"], limits));
    expect(killed).toMatchObject({ reason: "exit", signal: "SIGKILL" });
  });

  test("that are not there fail as in a shell", async () => {
    const error = await errorOf(host.exec(["no-such-command"], limits));
    expect(error).toMatchObject({ exitCode: 127 });
    expect(error.message).toContain("not found");
  });

  test("run many at once on one connection, in fewer sessions than the server allows", {
    tags: "full",
  }, async () => {
    const numbers = Array.from({ length: 50 }, (_, number) => String(number));
    const results = await Promise.all(numbers.map((number) => host.exec(["echo", number], limits)));
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(numbers);
  });

  test("tell how they ended also where all of their news is read at once", async () => {
    let isOver = false;
    const good = host.exec(["echo", "quick"], limits);
    const bad = errorOf(host.connectCommand(["sh", "-c", "echo no daemon >&2; exit 1"], {}).then(text));
    const both = Promise.all([good, bad]).finally(() => {
      isOver = true;
    });
    // Between two looks at what has come, a command has all the time that it needs.
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      spawnSync("sleep", ["0.3"]);
    }
    const [result, error] = await both;
    expect(result).toEqual({ exitCode: 0, stdout: "quick\n", stderr: "" });
    expect(error.message).toContain("no daemon");
  });

  test("tell each line as it comes, of output and error", async () => {
    const lines: string[] = [];
    const script = "echo one; echo two >&2; printf 'three\\rfour\\nfive'";
    await host.exec(["sh", "-c", script], { ...limits, onLine: (line) => lines.push(line) });
    expect(lines.sort()).toEqual(["five", "four", "one", "three", "two"]);
  });

  test("that write too much are ended", async () => {
    const error = await errorOf(host.exec(["yes"], limits));
    expect(error).toMatchObject({ reason: "output-limit", host: "node1" });
    expect(error.message).toContain("wrote more than 4194304 bytes of output");
    const { stdout } = await host.exec(["head", "-c", "4000000", "/dev/zero"], limits);
    expect(stdout.length).toBe(4_000_000);
  });

  test("read an input of 50 MB whole", async () => {
    const { stdout } = await host.exec(["wc", "-c"], { ...limits, input: "x".repeat(50_000_000) });
    expect(stdout.trim()).toBe("50000000");
  });

  test("may leave their input unread, and what they wrote still comes", async () => {
    const input = "x".repeat(50_000_000);
    const { stdout } = await host.exec(["sh", "-c", "head -c 5; echo ' enough'"], { ...limits, input });
    expect(stdout).toBe("xxxxx enough\n");
  });

  test("take no more words than a host does", async () => {
    const error = await errorOf(host.exec(["echo", "x".repeat(200_000)], limits));
    expect(error).toMatchObject({ code: "invalid-argument" });
  });

  test.each([
    ["when their time is over", { timeoutMs: 1500 }, /did not end within 1.5 s/],
    ["when they are aborted", { timeoutMs: 30_000, abort: true }, /that is enough/],
  ])("are ended with all that they started, %s", async (_, { timeoutMs, ...rest }, message) => {
    const aborted = new AbortController();
    const pids: number[] = [];
    const running = host.exec(["sh", "-c", stubbornTree], {
      timeoutMs,
      signal: aborted.signal,
      onLine: (line) => {
        pids.push(Number(line.split(" ")[1]));
        if (pids.length === 2 && "abort" in rest) aborted.abort(new Error("that is enough"));
      },
    });
    const error = await errorOf(running);
    expect(error.message).toMatch(message);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await readProcess(pid), `process ${pid}`).toBeUndefined();
  });

  test("that go on can be spoken with and stopped", async () => {
    await using running = await host.start(
      ["sh", "-c", "echo $$; while read -r line; do echo got $line; done"],
      {},
    );
    const output = readLines(running.stdout);
    const pid = Number(await output.next());
    running.stdin.write("hello\n");
    expect(await output.next()).toBe("got hello");
    await running.stop();
    await untilGone(pid);
    expect(await running.ended).toMatchObject({ exitCode: null });
  });

  test("that go on tell how they ended", async () => {
    const running = await host.start(["sh", "-c", "echo bad luck >&2; exit 7"], {});
    running.stdout.resume();
    expect(await running.ended).toEqual({ exitCode: 7, stderrTail: "bad luck\n" });
    await running.stop();
  });

  test("wait for room, and those that take it can be stopped all the same", { tags: "full" }, async () => {
    const running = await Promise.all(
      Array.from({ length: 8 }, () => host.start(["sh", "-c", "echo $$; exec sleep 1000"], {})),
    );
    const pids = await Promise.all(running.map(async ({ stdout }) => Number(await readLines(stdout).next())));
    expect(await errorOf(host.exec(["true"], { timeoutMs: 500 }))).toMatchObject({ reason: "timeout" });
    const waiting = host.exec(["echo", "now"], limits);
    await Promise.all(running.map(({ stop }) => stop()));
    expect((await waiting).stdout).toBe("now\n");
    for (const pid of pids) expect(await readProcess(pid)).toBeUndefined();
  });

  test("that go on end with their signal", async () => {
    const aborted = new AbortController();
    const running = await host.start(["sleep", "1000"], { signal: aborted.signal });
    aborted.abort();
    running.stdout.resume();
    expect(await running.ended).toMatchObject({ exitCode: null });
  });

  test("can be a stream", async () => {
    const stream = await host.connectCommand(["cat"], {});
    stream.end("there and back");
    expect(await text(stream)).toBe("there and back");
    const failing = await host.connectCommand(["sh", "-c", "echo no daemon >&2; exit 1"], {});
    const error = await errorOf(text(failing));
    expect(error.message).toContain("no daemon");
  });
});

function readLines(source: Readable): { next: () => Promise<string> } {
  let rest = "";
  source.on("data", (chunk) => {
    rest += String(chunk);
  });
  return {
    next: () =>
      eventually("a line", () => {
        const end = rest.indexOf("\n");
        if (end < 0) return undefined;
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        return line;
      }),
  };
}

async function text(source: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
