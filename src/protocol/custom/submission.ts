import type { Submission } from "../../contracts/protocol.ts";
import type { CustomDescription } from "./description.ts";
import { compileReplyRule } from "./reply-rule.ts";
import { bodyTemplate, renderBody } from "./submission-body.ts";
import { compileTemplate } from "./template.ts";
import { UsualReplies } from "./usual-replies.ts";
import { transactionVariables } from "./variables.ts";

/** How a described system takes transactions. */
export function buildSubmission({ transaction }: Pick<CustomDescription, "transaction">): Submission {
  const { request, accepted } = transaction;
  const template = compileTemplate(request.bodyTemplate, transactionVariables);
  const refusalOf = compileReplyRule(accepted);
  const usual = new UsualReplies(accepted);
  return {
    method: request.method === "PUT" ? "PUT" : "POST",
    // Without variables, but for dollars that stand for themselves.
    path: compileTemplate(request.pathTemplate, []).render(() => ""),
    headers: request.headers,
    body: (bytes, id) => renderBody(template, bytes, id),
    classify: (status, body) => {
      const reason = refusalOf(status, body);
      if (reason !== undefined) return { accepted: false, reason };
      usual.learn(body);
      return { accepted: true };
    },
    template: (first) => bodyTemplate(template, first),
    isUsualAcceptance: (bytes, range) => usual.has(bytes, range),
  };
}
