import type { OwnPath, Submission } from "../../../contracts/load/submission.ts";
import { keyBytes } from "../../transactions/hex-key.ts";
import { compileReplyRule } from "../description/reply-rule.ts";
import { compileRequest } from "../description/request.ts";
import type { Template } from "../description/template.ts";
import { pathVariables, transactionVariables } from "../description/variables.ts";
import type { TransactionEntry } from "../schema/schema.ts";
import { renderText, textTemplate } from "./text.ts";
import { UsualReplies } from "./usual-replies.ts";

/** How a described system takes transactions. */
export function buildSubmission(transaction: TransactionEntry): Submission {
  const { accepted } = transaction;
  const { method, path, headers, body } = compileRequest(transaction, {
    path: pathVariables,
    body: transactionVariables,
  });
  const neverSent = Buffer.alloc(keyBytes, "0");
  const refusalOf = compileReplyRule(accepted);
  const usual = new UsualReplies(accepted);
  return {
    method: method === "PUT" ? "PUT" : "POST",
    path: renderText(path, neverSent, 0),
    ...(path.variables.length === 0 ? {} : { ownPath: ownPath(path) }),
    headers,
    body: (bytes, id) => renderText(body, bytes, id),
    classify: (status, reply) => {
      const reason = refusalOf(status, reply);
      if (reason !== undefined) return { accepted: false, reason };
      usual.learn(reply);
      return { accepted: true };
    },
    template: (first) => textTemplate(body, first),
    isUsualAcceptance: (bytes, range) => usual.has(bytes, range),
  };
}

function ownPath(path: Template): OwnPath {
  return {
    of: (bytes, id) => renderText(path, bytes, id),
    template: (first) => textTemplate(path, first),
  };
}
