/** A transaction's sequence number in a text of the transaction, changed from one to the next by a few letters. */
import { BytePattern } from "../../core/byte-pattern.ts";
import { hexDigits, sequence as hexPlace } from "./hex-key.ts";

/** How a sequence number stands in a transaction. */
export interface SequenceForm {
  /** Where it begins, bytes. A multiple of three, as its length is: so it has whole groups of base64 for itself. */
  readonly offset: number;
  /** Its letters in the text, as many for every number. */
  readonly lettersOf: (sequence: number) => Uint8Array;
  /** So many of its last letters follow from its lowest twelve bits, and all those before from the others. */
  readonly lastLetters: number;
}

export const base64Letters = (bytes: Buffer): Uint8Array => Buffer.from(bytes.toString("base64"), "latin1");

const hexBytes = (sequence: number) => Buffer.from(hexDigits(sequence, hexPlace.digits), "latin1");
const { offset } = hexPlace;

/** Of transactions that have it as hexadecimal digits, by how the transaction stands in the text. */
export const hexSequence = {
  text: { offset, lettersOf: hexBytes, lastLetters: 3 },
  base64: { offset, lettersOf: (sequence) => base64Letters(hexBytes(sequence)), lastLetters: 4 },
  hex: { offset, lettersOf: (sequence) => Buffer.from(hexBytes(sequence).toString("hex")), lastLetters: 6 },
} as const satisfies Readonly<Record<string, SequenceForm>>;

/** Numbers with the same letters but for the last. */
const square = 4096;

const tables = new WeakMap<SequenceForm, Uint8Array>();

/** The letters of one number. Most differ from those before in the last alone, which then are all that is written. */
export class SequenceLetters {
  readonly pattern: BytePattern;
  readonly #form: SequenceForm;
  readonly #bytes: Uint8Array;
  /** The last letters of every number of a square, one after another. */
  readonly #last: Uint8Array;
  #squareFrom = Number.NaN;

  constructor(form: SequenceForm) {
    this.#form = form;
    this.#bytes = form.lettersOf(0);
    this.#last = tables.get(form) ?? buildTable(form);
    this.pattern = new BytePattern(this.#bytes);
  }

  set(sequence: number): void {
    const bytes = this.#bytes;
    let within = sequence - this.#squareFrom;
    if (!(within >= 0 && within < square)) {
      bytes.set(this.#form.lettersOf(sequence));
      within = sequence % square;
      this.#squareFrom = sequence - within;
    }
    const { lastLetters } = this.#form;
    const place = bytes.length - lastLetters;
    for (let letter = 0; letter < lastLetters; letter++) {
      bytes[place + letter] = this.#last[lastLetters * within + letter] as number;
    }
  }
}

function buildTable(form: SequenceForm): Uint8Array {
  const table = new Uint8Array(form.lastLetters * square);
  for (let within = 0; within < square; within++) {
    table.set(form.lettersOf(within).subarray(-form.lastLetters), form.lastLetters * within);
  }
  tables.set(form, table);
  return table;
}
