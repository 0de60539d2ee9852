/** Edits (insert, delete, replace, swap of neighbours) between two words: optimal string alignment. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = current;
  }
  return above[b.length] ?? 0;
}

/**
 * The known name that a misspelt one most likely meant: at most a third of its letters differ (one may always). Case
 * and `_` for `-` do not count. Of equally near ones the first.
 */
export function nearestName(word: string, known: readonly string[]): string | undefined {
  const plain = word.toLowerCase().replaceAll("_", "-").slice(0, 64);
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(plain, name.toLowerCase().replaceAll("_", "-"));
    if (distance <= Math.max(1, Math.floor(name.length / 3)) && distance < (best?.distance ?? Infinity)) {
      best = { name, distance };
    }
  }
  return best?.name;
}

/** " Did you mean X?", or nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const name = nearestName(word, known);
  return name === undefined ? "" : ` Did you mean ${name}?`;
}
