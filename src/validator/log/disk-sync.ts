import { fdatasync, fdatasyncSync } from "node:fs";
import type { ValidatorTuning } from "../wire/node-files.ts";

/** Forces what was written to a file onto the disk; takes file descriptors. */
export interface Disk {
  readonly sync: (file: number) => void;
  readonly syncSoon: (file: number, done: (error: Error | null) => void) => void;
}

export const systemDisk: Disk = { sync: fdatasyncSync, syncSoon: fdatasync };

export interface DiskSyncOptions extends Pick<ValidatorTuning["log"], "sync" | "syncIntervalMs"> {
  readonly disk: Disk;
  /** A sync that nobody waits for failed. */
  readonly failed: (error: Error) => void;
}

/** Decides when files of the log are forced to the disk, and closes them when no sync of them is under way. */
export class DiskSync {
  readonly #options: DiskSyncOptions;
  /** File with bytes that a sync is due for. */
  #due: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #underWay: number | undefined;
  #closeAfter: (() => void) | undefined;
  #isStopped = false;

  constructor(options: DiskSyncOptions) {
    this.#options = options;
  }

  /** Tells that bytes were written; `isPromise`: among them what others are told next. */
  written(file: number, isPromise: boolean): void {
    const { sync, disk } = this.#options;
    if (sync === "block" && isPromise) disk.sync(file);
    if (sync !== "interval") return;
    this.#due = file;
    this.#schedule();
  }

  /** Everything in a file has to be on the disk before what comes next. */
  settle(file: number): void {
    if (this.#options.sync === "none") return;
    this.#options.disk.sync(file);
    if (this.#due === file) this.#due = undefined;
  }

  /** Calls `close` at once, or when the sync of this file that is under way is over. */
  closing(file: number, close: () => void): void {
    if (this.#due === file) this.#due = undefined;
    if (this.#underWay !== file) close();
    else this.#closeAfter = close;
  }

  /** No sync begins from now on. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#underWay !== undefined || this.#isStopped) return;
    this.#timer = setTimeout(() => this.#begin(), this.#options.syncIntervalMs).unref();
  }

  #begin(): void {
    this.#timer = undefined;
    if (this.#due === undefined) return;
    const file = this.#due;
    this.#due = undefined;
    this.#underWay = file;
    this.#options.disk.syncSoon(file, (error) => {
      this.#underWay = undefined;
      this.#closeAfter?.();
      this.#closeAfter = undefined;
      if (error !== null && !this.#isStopped) this.#options.failed(error);
      if (this.#due !== undefined) this.#schedule();
    });
  }
}
