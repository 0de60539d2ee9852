import type { ByteRange } from "../../../contracts/load/commits.ts";
import type { BodyTemplate, Submission } from "../../../contracts/load/submission.ts";
import { encodeBytes, idForm, requestId } from "../../rpc/json-rpc-bytes.ts";
import { keyBytes } from "../../transactions/hex-key.ts";
import { hexSequence, type LettersForm, lettersTemplate } from "../../transactions/sequence-letters.ts";
import { compileReplyRule, wantedIn } from "../description/reply-rule.ts";
import { compileRequest } from "../description/request.ts";
import { type Template, templateVariables } from "../description/template.ts";
import { transactionTexts } from "../description/variables.ts";
import type { RuleEntry, TransactionEntry } from "../schema/schema.ts";

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
    ...(templateVariables(transaction.path).length > 0 && {
      ownPath: {
        of: (bytes, id) => renderText(path, bytes, id),
        template: (first) => textTemplate(path, first),
      },
    }),
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
  return { form, offset: encodeBytes(new Uint8Array(form.offset - start), encoding).length };
}

/** What a variable stands for: a text of the transaction, or `${id}`, the number of the submission, of 15 digits. */
function textOf(variable: string, transaction: Uint8Array, id: number): string {
  const part = transactionTexts.get(variable);
  if (part === undefined) return String(requestId(id));
  return encodeBytes(transaction.subarray(part.start, part.end), part.encoding);
}

/** Forms of replies that are kept: nodes number their replies, with more and more digits. */
const keptForms = 4;

/**
 * Replies that mean yes because they are like one that did: the same bytes, other digits where digits are. That holds
 * where the rule asks for nothing in which a digit could stand.
 */
class UsualReplies {
  readonly #learns: boolean;
  /** Whatever comes with the right status means yes. */
  readonly #all: boolean;
  readonly #forms: Uint8Array[] = [];
  #next = 0;

  constructor(rule: RuleEntry = {}) {
    const wanted = Object.entries(wantedIn(rule));
    this.#all = wanted.length === 0;
    this.#learns = wanted.length > 0 && !wanted.some(([pointer, value]) => /\d/.test(`${pointer} ${value}`));
  }

  /** @param body of a reply that was read in full and meant yes */
  learn(body: string): void {
    // Digits of an escaped letter (\u0061) are no numbers.
    if (!this.#learns || body.includes("\\")) return;
    const form = Buffer.from(body);
    if (this.has(form, { start: 0, end: form.length })) return;
    this.#forms[this.#next] = form;
    this.#next = (this.#next + 1) % keptForms;
  }

  /** Whether the reply in these bytes is like one of those. */
  has(bytes: Uint8Array, { start, end }: ByteRange): boolean {
    if (this.#all) return true;
    for (const form of this.#forms) {
      if (form.length === end - start && isLike(form, bytes, start)) return true;
    }
    return false;
  }
}

function isLike(form: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < form.length; i++) {
    const known = form[i] as number;
    const read = bytes[start + i] as number;
    if (known !== read && !(isDigit(known) && isDigit(read))) return false;
  }
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
