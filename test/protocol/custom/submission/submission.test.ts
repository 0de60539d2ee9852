import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { transactionVariables } from "../../../../src/protocol/custom/description/variables.ts";
import { buildFormat } from "../../../../src/protocol/custom/submission/format.ts";
import { buildSubmission } from "../../../../src/protocol/custom/submission/submission.ts";
import { described } from "./described.ts";

const format = buildFormat(described("${transaction}"));
const encode = (sequence: number, sizeBytes = 64) =>
  format.encode({ run: 1, client: 2, sequence }, sizeBytes, 1);
const usual = (submission: ReturnType<typeof buildSubmission>, body: string) => {
  const bytes = Buffer.from(`before${body}after`);
  return submission.isUsualAcceptance?.(bytes, { start: 6, end: 6 + Buffer.byteLength(body) }, 1);
};

describe("bodies", () => {
  test("hold the transaction, its key and its value, each as text, base64 or hex, and the number", () => {
    const transaction = Buffer.from(encode(10)).toString();
    const [key, value] = [transaction.slice(0, 30), transaction.slice(30)];
    const encoded = (text: string) => [
      text,
      text,
      Buffer.from(text).toString("base64"),
      Buffer.from(text).toString("hex"),
    ];
    const template = transactionVariables.map((name) => `\${${name}}`).join(" ");
    expect(buildSubmission(described(template)).body(encode(10), 10).split(" ")).toEqual([
      ...encoded(transaction),
      ...encoded(key),
      ...encoded(value),
      "100000000000010",
    ]);
    expect(key).toBe("baleen00000001000200000000000a");
  });

  test("made from the template are those that are made one by one", () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(...transactionVariables.map((name) => `\${${name}}`)),
        fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("$", "$$$$")),
      ),
      { maxLength: 8 },
    );
    const sequences = fc.array(
      fc.oneof(fc.nat({ max: 20_000 }), fc.nat({ max: 2 ** 31 }), fc.constant(2 ** 48 - 1)),
      {
        minLength: 1,
        maxLength: 10,
      },
    );
    fc.assert(
      fc.property(pieces, sequences, fc.integer({ min: 30, max: 200 }), (texts, numbers, sizeBytes) => {
        const submission = buildSubmission(described(texts.join("")));
        const template = submission.template?.(encode(0, sizeBytes));
        if (template === undefined) throw new TypeError("there is no template");
        const copy = new Uint8Array(template.bytes.length + 7);
        copy.set(template.bytes, 7);
        for (const sequence of numbers) {
          template.patch(copy, 7, sequence);
          expect(Buffer.from(copy.subarray(7)).toString()).toBe(
            submission.body(encode(sequence, sizeBytes), sequence),
          );
        }
      }),
    );
  });

  test("go where the description says", () => {
    const { method, path, headers, ownPath } = buildSubmission(
      described("${transaction}", { method: "PUT" }),
    );
    expect(ownPath).toBeUndefined();
    expect({ method, path, headers }).toEqual({
      method: "PUT",
      path: "/submit",
      headers: { "content-type": "application/json" },
    });
  });
});

test("a transaction may have a path of its own, made from a template too", () => {
  const own = described("${transaction.value}", { path: "/kv/${transaction.key}?id=${id}" });
  const { path, ownPath } = buildSubmission(own);
  expect(path).toBe(`/kv/${"0".repeat(30)}?id=100000000000000`);
  expect(ownPath?.of(encode(10), 10)).toBe("/kv/baleen00000001000200000000000a?id=100000000000010");
  const template = ownPath?.template(encode(0));
  const copy = new Uint8Array(template?.bytes ?? []);
  template?.patch(copy, 0, 4097);
  expect(Buffer.from(copy).toString()).toBe(ownPath?.of(encode(4097), 4097));
});

describe("replies", () => {
  const strict = buildSubmission(
    described("${transaction}", { accepted: { equals: { "/code": 0 }, has: ["/hash"], reason: "/log" } }),
  );

  test.each([
    ["all that is wanted stands there", 200, '{"code":0,"hash":"ab"}', undefined],
    [
      "a value is another one, with the node's reason",
      200,
      '{"code":5,"hash":"ab","log":"too old"}',
      "/code is 5, not 0: too old",
    ],
    [
      "a text in place of a number",
      200,
      '{"code":"0","hash":""}',
      '/code is "0", not 0: {"code":"0","hash":""}',
    ],
    ["something is missing", 200, '{"code":0}', '/hash is missing: {"code":0}'],
    ["null is something", 200, '{"code":0,"hash":null}', undefined],
    ["another status, with a reason", 503, '{"log":"no leader"}', "HTTP 503: no leader"],
    ["another status, without JSON", 502, " Bad Gateway\n", "HTTP 502: Bad Gateway"],
    ["no JSON", 200, "ok", "reply is not JSON: ok"],
  ])("%s", (_, status, body, reason) => {
    expect(strict.classify(status, body, 1)).toEqual(
      reason === undefined ? { accepted: true } : { accepted: false, reason },
    );
  });

  test("a status alone can be the rule, and a reason is cut short", () => {
    const plain = buildSubmission(described("${transaction}", { accepted: { status: [200, 202] } }));
    expect(plain.classify(202, "whatever", 1)).toEqual({ accepted: true });
    expect(plain.classify(500, "x".repeat(1000), 1)).toEqual({
      accepted: false,
      reason: `HTTP 500: ${"x".repeat(190)}`,
    });
    expect(usual(plain, "anything at all")).toBe(true);
  });

  test("like one that meant yes mean yes too: other digits, and nothing else", () => {
    const loose = buildSubmission(described("${transaction}", { accepted: { has: ["/header/revision"] } }));
    const body = (revision: string, term = "2") => `{"header":{"revision":"${revision}","term":"${term}"}}`;
    expect(usual(loose, body("7"))).toBe(false);
    expect(loose.classify(200, body("7"), 1)).toEqual({ accepted: true });
    expect(usual(loose, body("8", "3"))).toBe(true);
    expect(usual(loose, body("10"))).toBe(false);
    expect(usual(loose, body("x"))).toBe(false);
    loose.classify(200, body("10"), 1);
    expect(usual(loose, body("99"))).toBe(true);
    expect(usual(loose, body("9"))).toBe(true);
  });

  test("a rule about a number is never told by the look of a reply", () => {
    expect(strict.classify(200, '{"code":0,"hash":"ab"}', 1)).toEqual({ accepted: true });
    expect(usual(strict, '{"code":0,"hash":"ab"}')).toBe(false);
  });
});
