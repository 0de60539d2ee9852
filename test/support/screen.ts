/** A small terminal: what is written to it, and what a person sees then, with all that has scrolled away. */

interface Row {
  text: string[];
  /** The next row goes on with the same line. */
  isWrapped: boolean;
}

const token = /(?!\s)\p{Cc}\[(\??)(\d*)(?:;\d*)*([A-Za-z])|[\s\S]/gu;

/** Knows what the live view and `sh` write; anything else that steers a terminal throws. */
export class Screen {
  columns: number;
  rows: number;
  /** Characters that found no column while the terminal was told not to wrap. */
  lost = 0;
  /** Between these two nobody sees what changes. */
  isHeldBack = false;
  readonly #rows: Row[] = [{ text: [], isWrapped: false }];
  #row = 0;
  #column = 0;
  #wraps = true;

  constructor(columns = 80, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  /** @param reflows a terminal that becomes narrower puts rows that are too long on several; others leave them */
  resize(columns: number, rows: number, { reflows = false } = {}): void {
    this.columns = columns;
    this.rows = rows;
    for (let index = 0; reflows && index < this.#rows.length; index++) {
      const row = this.#at(index);
      if (row.text.length <= columns) continue;
      this.#rows.splice(index + 1, 0, { text: row.text.splice(columns), isWrapped: row.isWrapped });
      row.isWrapped = true;
      if (this.#row > index) this.#row++;
    }
  }

  write(text: string): void {
    for (const [whole, mark, number, letter] of text.matchAll(token)) {
      if (letter === undefined) this.#put(whole);
      else if (mark === "?") this.#setMode(Number(number), letter);
      else this.#control(letter, number === "" ? undefined : Number(number));
    }
  }

  /** Every line from the beginning on, without spaces at its end; what was wrapped is one line again. */
  get lines(): string[] {
    const lines: string[] = [];
    let goesOn = false;
    for (const { text, isWrapped } of this.#rows) {
      const shown = text.join("");
      if (goesOn) lines[lines.length - 1] += shown;
      else lines.push(shown);
      goesOn = isWrapped;
    }
    return lines.map((line) => line.trimEnd());
  }

  /** The rows that can be seen. */
  get visible(): string[] {
    return this.#rows.slice(-this.rows).map(({ text }) => text.join("").trimEnd());
  }

  #at(index: number): Row {
    while (this.#rows.length <= index) this.#rows.push({ text: [], isWrapped: false });
    return this.#rows[index] as Row;
  }

  #put(character: string): void {
    if (character === "\n") {
      // As a terminal's driver has it: a line's end begins the next one at its left.
      this.#at(++this.#row);
      this.#column = 0;
    } else if (character === "\r") this.#column = 0;
    else if (character < " ") throw new Error(`a control character: ${JSON.stringify(character)}`);
    else this.#show(character);
  }

  #show(character: string): void {
    if (this.#column >= this.columns) {
      if (!this.#wraps) {
        this.lost++;
        return;
      }
      this.#at(this.#row).isWrapped = true;
      this.#at(++this.#row);
      this.#column = 0;
    }
    const { text } = this.#at(this.#row);
    while (text.length < this.#column) text.push(" ");
    text[this.#column++] = character;
  }

  #setMode(mode: number, letter: string): void {
    if (letter !== "h" && letter !== "l") throw new Error(`an unknown mode: ?${mode}${letter}`);
    if (mode === 7) this.#wraps = letter === "h";
    else if (mode === 2026) this.isHeldBack = letter === "h";
    else throw new Error(`an unknown mode: ?${mode}${letter}`);
  }

  #control(letter: string, number: number | undefined): void {
    if (letter === "A") {
      // What has scrolled away is out of reach.
      this.#row = Math.max(0, this.#rows.length - this.rows, this.#row - (number ?? 1));
    } else if (letter === "K" && number === undefined) this.#clearRow();
    else if (letter === "J" && number === undefined) {
      this.#clearRow();
      this.#rows.splice(this.#row + 1);
    } else if (letter !== "m") throw new Error(`an unknown sequence: ${number ?? ""}${letter}`);
  }

  #clearRow(): void {
    const row = this.#at(this.#row);
    row.text.splice(this.#column);
    row.isWrapped = false;
  }
}
