import { type TestOptions, test } from "vitest";

/** `test.each` of which `npm test` runs the first `count` cases, and `npm run test:full` the others. */
export function someOf<const T extends readonly unknown[]>(
  cases: readonly T[],
  count: number,
  options: TestOptions = {},
) {
  return (name: string, run: (...args: [...T]) => unknown): void => {
    test.each(cases.slice(0, count))(name, options, run as never);
    test.each(cases.slice(count))(name, { ...options, tags: "full" }, run as never);
  };
}
