import fc from "fast-check";
import { expect, test } from "vitest";
import { transactionListBytes, transactionListJson } from "../../../src/validator/rpc/shapes.ts";

test("a list of transactions is the same as text and as bytes, and both are JSON of their base64", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (transactions) => {
      const text = transactionListJson(transactions);
      expect(transactionListBytes(transactions).toString()).toBe(text);
      expect(JSON.parse(text)).toEqual(transactions.map((each) => Buffer.from(each).toString("base64")));
    }),
  );
});
