/** More spans never stand: then two at a time become one. */
const mostSpans = 64;

interface Floor {
  /** The second in which it was seen. */
  readonly x: number;
  readonly y: number;
}

/**
 * Least values of equal spans of time, in bounded memory however long it goes on: the lower edge of what goes up and
 * down, such as memory that is freed now and then.
 */
export class Floors {
  /** undefined: nothing was seen in that span. */
  #floors: (Floor | undefined)[] = [];
  #spanSecs = 1;

  /** @param second whole seconds from 0 */
  add(second: number, value: number): void {
    while (second >= mostSpans * this.#spanSecs) {
      this.#floors = Array.from({ length: mostSpans / 2 }, (_, half) =>
        lower(this.#floors[2 * half], this.#floors[2 * half + 1]),
      );
      this.#spanSecs *= 2;
    }
    const place = Math.floor(second / this.#spanSecs);
    this.#floors[place] = lower(this.#floors[place], { x: second, y: value });
  }

  /** Of the spans that lie wholly between two moments, seconds. */
  between(fromSecs: number, toSecs: number): Floor[] {
    return this.#floors.filter((floor, place): floor is Floor => {
      const startSecs = place * this.#spanSecs;
      return floor !== undefined && startSecs >= fromSecs && startSecs + this.#spanSecs <= toSecs;
    });
  }
}

const lower = (one: Floor | undefined, other: Floor | undefined) =>
  one === undefined || (other !== undefined && other.y < one.y) ? other : one;
