import type { ByteRange } from "../../../contracts/load/commits.ts";
import { wantedIn } from "../description/reply-rule.ts";
import type { RuleEntry } from "../schema/schema.ts";

/** Forms of replies that are kept: nodes number their replies, with more and more digits. */
const keptForms = 4;
const [digit0, digit9] = Buffer.from("09") as unknown as [number, number];

/**
 * Replies that mean yes because they are like one that did: the same bytes, other digits where digits are. That holds
 * where the rule asks for nothing in which a digit could stand.
 */
export class UsualReplies {
  readonly #learns: boolean;
  /** Whatever comes with the right status means yes. */
  readonly #all: boolean;
  readonly #forms: Uint8Array[] = [];
  #next = 0;

  constructor(rule: RuleEntry = {}) {
    const wanted = Object.entries(wantedIn(rule));
    this.#all = wanted.length === 0;
    this.#learns = wanted.length > 0 && !wanted.some(([pointer, value]) => /\d/.test(`${pointer} ${value}`));
  }

  /** @param body of a reply that was read in full and meant yes */
  learn(body: string): void {
    // Digits of an escaped letter (\u0061) are no numbers.
    if (!this.#learns || body.includes("\\")) return;
    const form = Buffer.from(body);
    if (this.has(form, { start: 0, end: form.length })) return;
    this.#forms[this.#next] = form;
    this.#next = (this.#next + 1) % keptForms;
  }

  /** Whether the reply in these bytes is like one of those. */
  has(bytes: Uint8Array, { start, end }: ByteRange): boolean {
    if (this.#all) return true;
    for (const form of this.#forms) {
      if (form.length === end - start && isLike(form, bytes, start)) return true;
    }
    return false;
  }
}

function isLike(form: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < form.length; i++) {
    const known = form[i] as number;
    const read = bytes[start + i] as number;
    if (known !== read && !(isDigit(known) && isDigit(read))) return false;
  }
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= digit0 && byte <= digit9;
}
