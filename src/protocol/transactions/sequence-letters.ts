/** A transaction's sequence number in the transaction's base64, changed from one to the next by a few letters. */
import { BytePattern } from "../../core/byte-pattern.ts";

/** How a sequence number stands in a transaction. */
export interface SequenceForm {
  /** Where it begins, bytes. A multiple of three, as its length is: so it has whole groups of the base64 for itself. */
  readonly offset: number;
  /** Its bytes there, as many for every number. */
  readonly bytesOf: (sequence: number) => Uint8Array;
  /** So many of its last letters of base64 follow from its lowest twelve bits, and all those before from the others. */
  readonly lastLetters: 2 | 4;
}

/** Numbers with the same letters but for the last. */
const square = 4096;

const tables = new WeakMap<SequenceForm, Uint8Array>();

/** The letters of one number. Most differ from those before in the last alone, which then are all that is written. */
export class SequenceLetters {
  readonly pattern: BytePattern;
  /** Where they stand in a transaction's base64. */
  readonly place: number;
  readonly #form: SequenceForm;
  readonly #bytes: Uint8Array;
  /** The last letters of every number of a square, one after another. */
  readonly #last: Uint8Array;
  #squareFrom = Number.NaN;

  constructor(form: SequenceForm) {
    this.#form = form;
    this.#bytes = lettersOf(form, 0);
    this.#last = tables.get(form) ?? buildTable(form);
    this.pattern = new BytePattern(this.#bytes);
    this.place = (form.offset / 3) * 4;
  }

  set(sequence: number): void {
    const bytes = this.#bytes;
    let within = sequence - this.#squareFrom;
    if (!(within >= 0 && within < square)) {
      bytes.set(lettersOf(this.#form, sequence));
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
    table.set(lettersOf(form, within).subarray(-form.lastLetters), form.lastLetters * within);
  }
  tables.set(form, table);
  return table;
}

function lettersOf(form: SequenceForm, sequence: number): Uint8Array {
  return Buffer.from(Buffer.from(form.bytesOf(sequence)).toString("base64"), "latin1");
}
