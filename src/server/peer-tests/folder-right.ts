import { join } from "node:path";
import { claim, LockedError } from "../../core/process/lock.ts";
import { causedBy } from "./peer-test-error.ts";

/** The right to write in a folder of tests, which one process has at a time. It is taken when it is first needed. */
export class FolderRight implements AsyncDisposable {
  readonly #folder: string;
  #claim: Promise<AsyncDisposable> | undefined;
  #isHeld = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In a folder that exists. @throws PeerTestError where another process has it, the system's error */
  async hold(): Promise<void> {
    if (this.#isHeld) return;
    this.#claim ??= claim(join(this.#folder, ".lock"), {
      ...{ run: "results server", command: "baleen serve" },
      inUse: `The tests in ${this.#folder} are in use`,
    });
    try {
      await this.#claim;
      this.#isHeld = true;
    } catch (error) {
      this.#claim = undefined;
      throw error instanceof LockedError ? causedBy(error, "in-use", `${error.message}.`) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = await this.#claim?.catch(() => undefined);
    await held?.[Symbol.asyncDispose]();
  }
}
