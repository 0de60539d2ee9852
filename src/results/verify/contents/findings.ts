/** A place at which a bundle says something else than what follows from the rest of it. */
export interface Difference {
  /** Within the bundle. */
  readonly file: string;
  /** The way to the value: "results.throughput", "line 7". */
  readonly key: string;
  readonly says: string;
  readonly follows: string;
}

const longestShown = 200;

/** Collects what is compared: how much it was, and where two values differ. */
export class Findings {
  readonly differences: Difference[] = [];
  compared = 0;

  /** For what stands in this file. */
  in(file: string): FileFindings {
    return new FileFindings(this, file);
  }
}

/** Compares what stands in one file, each value at its key. */
export class FileFindings {
  readonly #all: Findings;
  readonly #file: string;

  constructor(all: Findings, file: string) {
    this.#all = all;
    this.#file = file;
  }

  /** Compares a value with what follows from the rest. */
  same(key: string, says: unknown, follows: unknown): void {
    this.#all.compared++;
    if (!Object.is(says, follows)) this.add(key, show(says), show(follows));
  }

  /** The same for a value that only has to lie within bounds. @param follows says which */
  holds(key: string, value: unknown, isWithin: boolean, follows: string): void {
    this.#all.compared++;
    if (!isWithin) this.add(key, show(value), follows);
  }

  /** Compares two JSON values leaf by leaf. @param key "" for a whole file */
  sameJson(key: string, says: unknown, follows: unknown): void {
    if (!isObject(says) || !isObject(follows)) {
      this.same(key === "" ? "it" : key, says, follows);
      return;
    }
    for (const name of new Set([...Object.keys(says), ...Object.keys(follows)])) {
      const step = Array.isArray(says) ? `${key}[${name}]` : key === "" ? name : `${key}.${name}`;
      this.sameJson(step, says[name], follows[name]);
    }
  }

  /** Compares two texts line by line, and tells the first that differs. */
  sameText(says: string, follows: string): void {
    const [ours, theirs] = [says.split("\n"), follows.split("\n")];
    this.#all.compared += theirs.length;
    const lines = Math.max(ours.length, theirs.length);
    for (let at = 0; at < lines; at++) {
      if (ours[at] === theirs[at]) continue;
      this.add(`line ${at + 1}`, show(ours[at]), show(theirs[at]));
      return;
    }
  }

  /** Compares two JSON documents, first by what they say and then to the byte. */
  sameDocument(says: string, follows: string): void {
    this.sameJson("", JSON.parse(says), JSON.parse(follows));
    this.sameText(says, follows);
  }

  /** Something that cannot be compared at all is a difference too. */
  add(key: string, says: string, follows: string): void {
    this.#all.differences.push({ file: this.#file, key, says, follows });
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
