/** Every command of the pages is run by a test, or says why not. */
import { expect, test } from "vitest";
import { elsewhere, followedPage, parsedPage, sessions } from "./documented.ts";
import { pages, shownCommands, wordsOf } from "./pages.ts";

const shown = pages.flatMap(shownCommands);
const ran = sessions.flatMap(({ commands }) => commands.map(({ line }) => line));

test("no command is shown that no test runs", () => {
  expect(shown.length).toBeGreaterThan(50);
  const known = new Set([...ran, ...Object.keys(elsewhere)]);
  const others = shown.filter(({ page }) => page !== followedPage && page !== parsedPage);
  const unknown = others.filter(({ line }) => !known.has(line));
  expect(unknown).toEqual([]);
});

test("no command is run, or excused, that is not shown, and none twice", () => {
  const lines = new Set(shown.map(({ line }) => line));
  const all = [...ran, ...Object.keys(elsewhere)];
  expect(all.filter((line) => !lines.has(line))).toEqual([]);
  expect(all.filter((line, index) => all.indexOf(line) < index)).toEqual([]);
});

test("words are told apart by blanks outside of quotes", () => {
  expect(wordsOf(`a  --b='c d' "e 'f" g"h i"`)).toEqual(["a", "--b=c d", "e 'f", "gh i"]);
});
