import { EventEmitter } from "node:events";
import type { OutputStream } from "../../src/cli/terminal.ts";

/** A standard stream that keeps what is written to it. */
export class RecordedStream extends EventEmitter implements OutputStream {
  text = "";
  isTTY: boolean;
  columns: number;

  constructor(options: { isTTY?: boolean; columns?: number } = {}) {
    super();
    this.isTTY = options.isTTY ?? false;
    this.columns = options.columns ?? 80;
  }

  write = (text: string, done?: (error?: Error | null) => void): boolean => {
    this.text += text;
    done?.();
    return true;
  };

  /** What a terminal would show, line by line: rewritten lines as they last were. */
  get screen(): string[] {
    return this.text.split("\n").map((line) => line.split("\x1b[2K").at(-1)?.replace("\r", "") ?? "");
  }

  /** What happens when the reader of a pipe has gone. */
  breakPipe(): void {
    this.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  }
}

/** A clock that stands until it is moved. */
export function heldClock() {
  let nowMs = 1000;
  return {
    monotonicMs: () => nowMs,
    wallMs: () => 1_700_000_000_000 + nowMs,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}
