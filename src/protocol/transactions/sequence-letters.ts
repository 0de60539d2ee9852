/** A transaction's sequence number in a text, changed from one to the next by a few letters. */
import type { BodyTemplate } from "../../contracts/load/submission.ts";
import { BytePattern } from "../../core/byte-pattern.ts";
import { hexDigits, sequence as hexPlace } from "./hex-key.ts";

/** How a number is written. */
export interface LettersForm {
  /** As many for every number. */
  readonly lettersOf: (sequence: number) => Uint8Array;
  /** So many of its last letters follow from the number modulo `square`, and all those before from the rest. */
  readonly lastLetters: number;
  readonly square: number;
}

/** How a sequence number stands in a transaction. */
export interface SequenceForm extends LettersForm {
  /** Where it begins, bytes. A multiple of three, as its length is: so it has whole groups of base64 for itself. */
  readonly offset: number;
}

export const base64Letters = (bytes: Buffer): Uint8Array => Buffer.from(bytes.toString("base64"), "latin1");

const hexBytes = (sequence: number) => Buffer.from(hexDigits(sequence, hexPlace.digits), "latin1");
const { offset } = hexPlace;
const square = 4096;

/** Of transactions that have it as hexadecimal digits, by how the transaction stands in the text. */
export const hexSequence = {
  latin1: { offset, square, lettersOf: hexBytes, lastLetters: 3 },
  base64: { offset, square, lettersOf: (sequence) => base64Letters(hexBytes(sequence)), lastLetters: 4 },
  hex: {
    offset,
    square,
    lettersOf: (sequence) => Buffer.from(hexBytes(sequence).toString("hex")),
    lastLetters: 6,
  },
} as const satisfies Readonly<Record<string, SequenceForm>>;

const tables = new WeakMap<LettersForm, Uint8Array>();

/** The letters of one number. Most differ from those before in the last alone, which then are all that is written. */
export class SequenceLetters {
  readonly pattern: BytePattern;
  readonly #form: LettersForm;
  readonly #bytes: Uint8Array;
  /** The last letters of every number of a square, one after another. */
  readonly #last: Uint8Array;
  #squareFrom = Number.NaN;

  /** @param bytes to be kept up to date */
  constructor(form: LettersForm, bytes = form.lettersOf(0)) {
    this.#form = form;
    this.#bytes = bytes;
    this.#last = tables.get(form) ?? buildTable(form);
    this.pattern = new BytePattern(this.#bytes);
  }

  set(sequence: number): void {
    const bytes = this.#bytes;
    const { lastLetters, square } = this.#form;
    let within = sequence - this.#squareFrom;
    if (!(within >= 0 && within < square)) {
      bytes.set(this.#form.lettersOf(sequence));
      within = sequence % square;
      this.#squareFrom = sequence - within;
    }
    const place = bytes.length - lastLetters;
    for (let letter = 0; letter < lastLetters; letter++) {
      bytes[place + letter] = this.#last[lastLetters * within + letter] as number;
    }
  }
}

/** @param places where numbers stand in it, each kept by its form */
export function lettersTemplate(
  bytes: Uint8Array,
  places: readonly { readonly form: LettersForm; readonly offset: number }[],
): BodyTemplate {
  const forms = new Map(places.map(({ form }) => [form, new SequenceLetters(form)]));
  const numbers = [...forms.values()];
  const patterns = places.map(({ form }) => (forms.get(form) as SequenceLetters).pattern);
  const offsets = places.map(({ offset }) => offset);
  return {
    bytes,
    // Indices, since it is called for every transaction: destructuring costs 2 % of sending it.
    patch: (copy, start, sequence) => {
      for (let i = 0; i < numbers.length; i++) (numbers[i] as SequenceLetters).set(sequence);
      for (let i = 0; i < patterns.length; i++)
        (patterns[i] as BytePattern).layInto(copy, start + (offsets[i] as number));
    },
  };
}

function buildTable(form: LettersForm): Uint8Array {
  const table = new Uint8Array(form.lastLetters * form.square);
  for (let within = 0; within < form.square; within++) {
    table.set(form.lettersOf(within).subarray(-form.lastLetters), form.lastLetters * within);
  }
  tables.set(form, table);
  return table;
}
