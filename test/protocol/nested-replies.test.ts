/** Parsing takes any depth, writing does not: a reply that is nested without end is one that is wrong, and no more. */
import { describe, expect, test } from "vitest";
import { compileCommitted } from "../../src/protocol/custom/commits/committed-items.ts";
import { buildSubmission } from "../../src/protocol/custom/submission/submission.ts";
import { classifyReply } from "../../src/protocol/ethereum/submission.ts";
import { broadcastTxAsyncEveryWay } from "../../src/protocol/rpc/json-rpc.ts";
import { described, polledLog } from "./custom/submission/described.ts";

const nested = "[".repeat(100_000) + "]".repeat(100_000);

describe("what is nested without end", () => {
  test.each([
    ["of a described system", buildSubmission(described("", { accepted: { equals: { "/code": 0 } } }))],
    ["of JSON-RPC", broadcastTxAsyncEveryWay],
  ])("is a refusal, in a reply %s", (_, { classify }) => {
    for (const body of [
      `{"code":${nested}}`,
      `{"id":${nested}}`,
      `{"error":{"code":${nested}}}`,
      `{"error":{"code":{"toString":1}}}`,
    ]) {
      expect(classify(200, body, 5)).toMatchObject({ accepted: false });
    }
  });

  test("is a refusal of Ethereum's", () => {
    for (const body of [
      `{"error":{"code":1,"message":${nested}}}`,
      `{"id":${nested}}`,
      `{"result":${nested}}`,
    ]) {
      expect(classifyReply(JSON.parse(body), 5)).toMatchObject({ accepted: false });
    }
  });

  test("is one of a batch's refusals", () => {
    const several = broadcastTxAsyncEveryWay.batch?.split(200, `[{"id":1,"result":${nested}}]`);
    expect(several).toMatchObject({ kind: "each", replies: [{ reply: { accepted: false } }] });
  });

  test.each([
    ["a position", `{"items":[{"at":${nested},"text":"a"}]}`, "/at is nested too deep, not a whole number"],
    ["a transaction", `{"items":[{"at":1,"text":${nested}}]}`, "/text is nested too deep"],
  ])("is otherwise than described, in place of %s", (_, reply, reason) => {
    const read = () => compileCommitted(polledLog)(JSON.parse(reply), { headBytes: 30, messageBytes: 1 });
    expect(read).toThrow(`It did not reply as described: ${reason}.`);
  });
});
