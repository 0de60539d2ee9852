import { EventEmitter } from "node:events";
import type { OutputStream } from "../../src/cli/terminal/terminal.ts";
import { Screen } from "../support/screen.ts";

/** A standard stream that keeps what is written to it. */
export class RecordedStream extends EventEmitter implements OutputStream {
  text = "";
  isTTY: boolean;
  columns: number;
  rows: number;
  /** Shows what is written, also to others that are given the same one. */
  readonly terminal: Screen;

  constructor(options: { isTTY?: boolean; columns?: number; rows?: number; terminal?: Screen } = {}) {
    super();
    this.isTTY = options.isTTY ?? false;
    this.columns = options.columns ?? 80;
    this.rows = options.rows ?? 24;
    this.terminal = options.terminal ?? new Screen(this.columns || 80, this.rows || 24);
  }

  write = (text: string, done?: (error?: Error | null) => void): boolean => {
    this.text += text;
    this.terminal.write(text);
    done?.();
    return true;
  };

  /** What a terminal would show, line by line. */
  get screen(): string[] {
    return this.terminal.lines;
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
