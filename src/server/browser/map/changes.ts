/** Sends what a person changes to the command whose run it is. */

const storageKey = "baleen-key";

/** The key of the address that the command printed; it stays in this window. undefined: this page only looks on. */
export function readKey(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given !== null) sessionStorage.setItem(storageKey, given);
  return sessionStorage.getItem(storageKey) ?? undefined;
}

/** A slider tells of each pixel. */
const leastMs = 200;

/** One change at a time; of those of one thing that come meanwhile, the last. */
export class Changes {
  readonly #bundle: string;
  readonly #key: string;
  readonly #onAnswer: (error: string | undefined) => void;
  readonly #waiting = new Map<string, object>();
  #isSending = false;

  constructor(bundle: string, key: string, onAnswer: (error: string | undefined) => void) {
    this.#bundle = bundle;
    this.#key = key;
    this.#onAnswer = onAnswer;
  }

  /** @param thing what is changed @param entry of a timeline, without its time */
  send(thing: string, entry: object): void {
    this.#waiting.set(thing, entry);
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const pause = new Promise((resolve) => setTimeout(resolve, leastMs));
      this.#onAnswer(await this.#post(next).catch((error: unknown) => String(error)));
      await pause;
    }
    this.#isSending = false;
  }

  #take(): object | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    this.#waiting.delete(first[0]);
    return first[1];
  }

  /** @returns why it is not done */
  async #post(entry: object): Promise<string | undefined> {
    const reply = await fetch(`/api/links?${new URLSearchParams({ bundle: this.#bundle })}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.#key}` },
      body: JSON.stringify(entry),
    });
    if (reply.ok) return undefined;
    const { error = reply.statusText } = (await reply.json()) as { readonly error?: string };
    return error;
  }
}
