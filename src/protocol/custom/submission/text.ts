/** Bodies and paths of submissions: made one by one, or once, with fixed places for what differs. */
import type { BodyTemplate } from "../../../contracts/load/submission.ts";
import { BytePattern } from "../../../core/byte-pattern.ts";
import { IdDigits } from "../../rpc/json-rpc-bytes.ts";
import type { Template } from "../description/template.ts";
import { digitsOf, sequenceDigits } from "./format.ts";
import { encodeText, placeOf, type TextEncoding, textOf } from "./transaction-texts.ts";

export function renderText(template: Template, transaction: Uint8Array, id: number): string {
  return template.render((variable) => textOf(variable, transaction, id));
}

/** Something that is laid into a body for each transaction. */
interface ChangingText {
  readonly pattern: BytePattern;
  readonly set: (sequence: number) => void;
}

/** @param transaction of sequence number 0 */
export function textTemplate(template: Template, transaction: Uint8Array): BodyTemplate {
  const texts = new Map<string, ChangingText>();
  const changes: { readonly text: ChangingText; readonly offset: number }[] = [];
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const part of template.parts) {
    const isText = part.kind === "text";
    const piece = Buffer.from(isText ? part.text : textOf(part.name, transaction, 0));
    const change = isText ? undefined : changeOf(part.name);
    if (change !== undefined) {
      const text = texts.get(change.kind) ?? change.make();
      texts.set(change.kind, text);
      changes.push({ text, offset: offset + change.offset });
    }
    pieces.push(piece);
    offset += piece.length;
  }
  const changing = [...texts.values()];
  return {
    bytes: Buffer.concat(pieces),
    patch: (copy, start, sequence) => {
      for (const text of changing) text.set(sequence);
      for (const change of changes) change.text.pattern.layInto(copy, start + change.offset);
    },
  };
}

/** What differs where a variable stands, and where in it; undefined: nothing does. */
function changeOf(
  variable: string,
): { readonly kind: string; readonly offset: number; readonly make: () => ChangingText } | undefined {
  const place = placeOf(variable);
  if (place === undefined) return { kind: "id", offset: 0, make: () => new IdDigits() };
  const { start, encoding } = place;
  if (start > sequenceDigits.offset) return undefined;
  return {
    kind: encoding,
    offset: encodeText(new Uint8Array(sequenceDigits.offset - start), encoding).length,
    make: () => new EncodedSequence(encoding),
  };
}

/** Digits at a sequence number's end that are one group in each encoding, and how many numbers they have. */
const tailDigits = 3;
const tails = 16 ** tailDigits;

/** A sequence number's digits, encoded. Most differ from those before in the last group alone. */
class EncodedSequence implements ChangingText {
  readonly pattern: BytePattern;
  readonly #encode: (digits: string) => Buffer;
  readonly #bytes: Uint8Array;
  /** The last group of every number, one after another. */
  readonly #tails: Buffer;
  readonly #tailBytes: number;
  /** The sequence number with the same digits, but for the last three, which are zero. */
  #from = Number.NaN;

  constructor(encoding: TextEncoding) {
    this.#encode = (digits) => Buffer.from(encodeText(Buffer.from(digits, "latin1"), encoding), "latin1");
    this.#bytes = Uint8Array.from(this.#encode(digitsOf(0, sequenceDigits.digits)));
    this.pattern = new BytePattern(this.#bytes);
    this.#tails = Buffer.concat(
      Array.from({ length: tails }, (_, value) => this.#encode(digitsOf(value, tailDigits))),
    );
    this.#tailBytes = this.#tails.length / tails;
  }

  set(sequence: number): void {
    let within = sequence - this.#from;
    if (!(within >= 0 && within < tails)) {
      this.#bytes.set(this.#encode(digitsOf(sequence, sequenceDigits.digits)));
      within = sequence % tails;
      this.#from = sequence - within;
    }
    const bytes = this.#bytes;
    const all = this.#tails;
    const tailBytes = this.#tailBytes;
    const to = bytes.length - tailBytes;
    const from = within * tailBytes;
    for (let i = 0; i < tailBytes; i++) bytes[to + i] = all[from + i] as number;
  }
}
