import { expect, test } from "vitest";
import { BatchTemplate } from "../../benchmarks/suite/batch-template.ts";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: { readonly tx: string };
}

function transactionsOf(request: Buffer): string[] {
  const text = request.toString("latin1");
  const [head = "", body = ""] = text.split("\r\n\r\n");
  expect(head).toContain(`Content-Length: ${body.length}`);
  const batch = JSON.parse(body) as Request[];
  expect(batch.map(({ method }) => method)).toEqual(batch.map(() => "broadcast_tx_async"));
  return batch.map(({ params }) => Buffer.from(params.tx, "base64").toString("latin1"));
}

test("a request holds a batch of kvstore transactions of the size asked for, with the numbers from the first on", () => {
  const template = new BatchTemplate({ batch: 3, transactionSizeBytes: 512, run: 0xabc });
  for (const first of [0, 4095, 2 ** 24 - 2, 2 ** 40 - 1]) {
    const transactions = transactionsOf(template.next(first));
    expect(transactions.map((each) => each.length)).toEqual([512, 512, 512]);
    expect(transactions.map((each) => each.slice(0, 28))).toEqual(
      [0, 1, 2].map((index) => `baleen000000abc${(first + index).toString(16).padStart(12, "0")}=`),
    );
    for (const transaction of transactions) expect(transaction).toMatch(/^[^=:]+=[^=:]+$/);
  }
});

test("an earlier request keeps its numbers when the next is made", () => {
  const template = new BatchTemplate({ batch: 2, transactionSizeBytes: 100, run: 1 });
  const earlier = template.next(10);
  const before = transactionsOf(earlier);
  template.next(12);
  expect(transactionsOf(earlier)).toEqual(before);
});
