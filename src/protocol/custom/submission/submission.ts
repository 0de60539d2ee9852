import type { OwnPath, Submission } from "../../../contracts/load/submission.ts";
import { keyBytes } from "../../transactions/hex-key.ts";
import type { LoadDescription } from "../description/description.ts";
import { compileReplyRule } from "../description/reply-rule.ts";
import { compileTemplate, type Template } from "../description/template.ts";
import { pathVariables, transactionVariables } from "../description/variables.ts";
import { renderText, textTemplate } from "./text.ts";
import { UsualReplies } from "./usual-replies.ts";

/** How a described system takes transactions. */
export function buildSubmission({ transaction }: Pick<LoadDescription, "transaction">): Submission {
  const { request, accepted } = transaction;
  const body = compileTemplate(request.bodyTemplate, transactionVariables);
  const path = compileTemplate(request.pathTemplate, pathVariables);
  const neverSent = Buffer.alloc(keyBytes, "0");
  const refusalOf = compileReplyRule(accepted);
  const usual = new UsualReplies(accepted);
  return {
    method: request.method === "PUT" ? "PUT" : "POST",
    path: renderText(path, neverSent, 0),
    ...(path.variables.length === 0 ? {} : { ownPath: ownPath(path) }),
    headers: request.headers,
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
