import { type FileHandle, open } from "node:fs/promises";
import { BaleenError } from "../../../core/errors.ts";
import { BundleWriteError, writing } from "../write-error.ts";

/** Characters that may wait for the disk. Beyond it the disk is too slow to be waited for. */
const waitingLimit = 8 * 1024 * 1024;

/**
 * A text file that grows by whole lines while something runs. Appending never waits and never throws: the
 * first failure is remembered, cuts the file back to its last whole line, and ends the writing.
 */
export class LineFile implements AsyncDisposable {
  readonly path: string;
  readonly #handle: FileHandle;
  #waiting: string[] = [];
  #waitingLength = 0;
  #writtenBytes: number;
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #failure: BundleWriteError | undefined;

  private constructor(path: string, handle: FileHandle, writtenBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.#writtenBytes = writtenBytes;
  }

  /** @throws BundleWriteError where the file cannot be made or is there already */
  static async open(path: string): Promise<LineFile> {
    return new LineFile(path, await writing(path, () => open(path, "wx")), 0);
  }

  /**
   * Goes on with a file: what stands beyond its first `keptBytes` is cut off. One that is not there is made.
   *
   * @throws BundleWriteError
   */
  static async continue(path: string, keptBytes: number): Promise<LineFile> {
    return await writing(path, async () => {
      const handle = await open(path, "a");
      try {
        await handle.truncate(keptBytes);
      } catch (error) {
        await handle.close();
        throw error;
      }
      return new LineFile(path, handle, keptBytes);
    });
  }

  /** The first failure, from which on nothing was written. */
  get failure(): BundleWriteError | undefined {
    return this.#failure;
  }

  /** @param line without its line break */
  append(line: string): void {
    if (this.#closing !== undefined || this.#failure !== undefined) return;
    if (this.#waitingLength + line.length > waitingLimit) {
      const why = `the disk is too slow: more than ${waitingLimit} characters wait for it.`;
      this.#failure = new BundleWriteError(this.path, { cause: new BaleenError("disk-too-slow", why) });
      return;
    }
    this.#waiting.push(`${line}\n`);
    this.#waitingLength += line.length + 1;
    this.#writing ??= this.#writeWaiting();
  }

  /** Resolves when no line waits for the disk. Never rejects: see `failure`. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = Buffer.from(this.#waiting.join(""));
        this.#waiting = [];
        this.#waitingLength = 0;
        await this.#handle.writeFile(bytes);
        this.#writtenBytes += bytes.length;
      }
    } catch (error) {
      this.#failure ??= new BundleWriteError(this.path, { cause: error });
      this.#waiting = [];
      // A disk that refuses even this leaves half a line at the end, and the failure says why.
      await this.#handle.truncate(this.#writtenBytes).catch(() => undefined);
    } finally {
      this.#writing = undefined;
    }
  }

  /** Writes what waits and closes; later lines are ignored. Never rejects: see `failure`. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    await this.#writing;
    const fail = (cause: unknown) => {
      this.#failure ??= new BundleWriteError(this.path, { cause });
    };
    if (this.#failure === undefined) await this.#handle.sync().catch(fail);
    await this.#handle.close().catch(fail);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
