import type { BodyTemplate, OwnPath, Submission } from "../../../contracts/load/submission.ts";
import { idForm, requestId } from "../../rpc/json-rpc-bytes.ts";
import { keyBytes } from "../../transactions/hex-key.ts";
import { hexSequence, type LettersForm, lettersTemplate } from "../../transactions/sequence-letters.ts";
import { compileReplyRule } from "../description/reply-rule.ts";
import { compileRequest } from "../description/request.ts";
import { type Template, templateVariables } from "../description/template.ts";
import { type TextEncoding, transactionTexts } from "../description/variables.ts";
import type { TransactionEntry } from "../schema/schema.ts";
import { UsualReplies } from "./usual-replies.ts";

/** How a described system takes transactions. */
export function buildSubmission(transaction: TransactionEntry): Submission {
  const { accepted } = transaction;
  const { method, path, headers, body } = compileRequest(transaction);
  const neverSent = Buffer.alloc(keyBytes, "0");
  const refusalOf = compileReplyRule(accepted);
  const usual = new UsualReplies(accepted);
  return {
    method: method === "PUT" ? "PUT" : "POST",
    path: renderText(path, neverSent, 0),
    ...(templateVariables(transaction.path).length === 0 ? {} : { ownPath: ownPath(path) }),
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

function renderText(template: Template, transaction: Uint8Array, id: number): string {
  return template.render((variable) => textOf(variable, transaction, id));
}

/** Made once, with fixed places for what differs. @param transaction of sequence number 0 */
function textTemplate(template: Template, transaction: Uint8Array): BodyTemplate {
  const places: { readonly form: LettersForm; readonly offset: number }[] = [];
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const part of template.parts) {
    const isText = part.kind === "text";
    const piece = Buffer.from(isText ? part.text : textOf(part.name, transaction, 0));
    const place = isText ? undefined : numberIn(part.name);
    if (place !== undefined) places.push({ form: place.form, offset: offset + place.offset });
    pieces.push(piece);
    offset += piece.length;
  }
  return lettersTemplate(Buffer.concat(pieces), places);
}

/** How the sequence number stands in what a variable stands for, and where in it; undefined: it does not. */
function numberIn(variable: string) {
  const part = transactionTexts.get(variable);
  if (part === undefined) return { form: idForm, offset: 0 };
  const { start, encoding } = part;
  const form = hexSequence[encoding];
  if (start > form.offset) return undefined;
  return { form, offset: encodeText(new Uint8Array(form.offset - start), encoding).length };
}

/** What a variable stands for: a text of the transaction, or `${id}`, the number of the submission, of 15 digits. */
function textOf(variable: string, transaction: Uint8Array, id: number): string {
  const part = transactionTexts.get(variable);
  if (part === undefined) return String(requestId(id));
  return encodeText(transaction.subarray(part.start, part.end), part.encoding);
}

function encodeText(bytes: Uint8Array, encoding: TextEncoding): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength).toString(encoding === "text" ? "latin1" : encoding);
}
