import { expect, test } from "vitest";
import { BundleWriteError } from "../../../src/results/bundle/write-error.ts";

const message = (code: string) =>
  new BundleWriteError("/results/a", { cause: Object.assign(new Error(`${code}: it failed`), { code }) })
    .message;

test.each([
  ["ENOSPC", /^No space left on the disk that holds \/results\/a,.*--output-dir/],
  ["EDQUOT", /^No space left in the disk quota that holds \/results\/a,/],
  ["EACCES", /^Cannot write \/results\/a: permission denied\. .*--output-dir/],
  [
    "EMFILE",
    /^Cannot write \/results\/a: too many open files in this process\. Raise the limit \(ulimit -n\)/,
  ],
  ["EIO", /^Cannot write \/results\/a: EIO: it failed/],
])("%s is told plainly, on one line", (code, expected) => {
  expect(message(code)).toMatch(expected);
  expect(message(code)).not.toContain("\n");
});
