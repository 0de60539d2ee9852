/** A place at which a bundle says something else than what follows from the rest of it. */
export interface Difference {
  /** Within the bundle. */
  readonly file: string;
  /** The way to the value: "results.throughput", "line 7". */
  readonly key: string;
  readonly says: string;
  readonly follows: string;
}

/** Where a value stands. */
export type Place = Pick<Difference, "file" | "key">;

/** Longest value that is shown whole. */
const longestShown = 200;

/** Collects what is compared: how much it was, and where two values differ. */
export class Findings {
  readonly differences: Difference[] = [];
  #compared = 0;

  /** Values that were compared so far. */
  get compared(): number {
    return this.#compared;
  }

  /** Compares a value that stands somewhere with what follows from the rest. */
  same(place: Place, says: unknown, follows: unknown): void {
    this.#compared++;
    if (!Object.is(says, follows)) this.add(place, show(says), show(follows));
  }

  /** The same for a value that only has to lie within bounds. */
  holds(place: Place, value: unknown, options: { readonly holds: boolean; readonly follows: string }): void {
    this.#compared++;
    if (!options.holds) this.add(place, show(value), options.follows);
  }

  /** Compares two JSON values leaf by leaf. `key`: where both stand; "" for a whole file. */
  sameJson({ file, key }: Place, says: unknown, follows: unknown): void {
    if (!isObject(says) || !isObject(follows)) {
      this.same({ file, key: key === "" ? "it" : key }, says, follows);
      return;
    }
    for (const name of new Set([...Object.keys(says), ...Object.keys(follows)])) {
      const step = Array.isArray(says) ? `${key}[${name}]` : key === "" ? name : `${key}.${name}`;
      this.sameJson({ file, key: step }, says[name], follows[name]);
    }
  }

  /** Compares two texts line by line, and tells the first that differs. */
  sameText(file: string, says: string, follows: string): void {
    const [ours, theirs] = [says.split("\n"), follows.split("\n")];
    this.#compared += theirs.length;
    const lines = Math.max(ours.length, theirs.length);
    for (let at = 0; at < lines; at++) {
      if (ours[at] === theirs[at]) continue;
      this.add({ file, key: `line ${at + 1}` }, show(ours[at]), show(theirs[at]));
      return;
    }
  }

  /** Something that cannot be compared at all is a difference too. */
  add({ file, key }: Place, says: string, follows: string): void {
    this.differences.push({ file, key, says, follows });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
