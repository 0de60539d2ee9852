import fc from "fast-check";
import { expect, test } from "vitest";
import { transactionListBytes } from "../../../src/validator/rpc/shapes.ts";

test("a list of transactions is JSON of their base64", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (transactions) => {
      const text = transactionListBytes(transactions).toString();
      expect(JSON.parse(text)).toEqual(transactions.map((each) => Buffer.from(each).toString("base64")));
    }),
  );
});
