/** Bodies and paths of submissions: made one by one, or once, with fixed places for what differs. */
import type { BodyTemplate } from "../../../contracts/load/submission.ts";
import type { BytePattern } from "../../../core/byte-pattern.ts";
import { IdDigits } from "../../rpc/json-rpc-bytes.ts";
import { hexSequence, SequenceLetters } from "../../transactions/sequence-letters.ts";
import type { Template } from "../description/template.ts";
import { encodeText, placeOf, textOf } from "./transaction-texts.ts";

export function renderText(template: Template, transaction: Uint8Array, id: number): string {
  return template.render((variable) => textOf(variable, transaction, id));
}

/** Something that is laid into a body for each transaction. */
interface ChangingText {
  readonly pattern: BytePattern;
  readonly set: (sequence: number) => void;
}

/** @param transaction of sequence number 0 */
export function textTemplate(template: Template, transaction: Uint8Array): BodyTemplate {
  const texts = new Map<string, ChangingText>();
  const changes: { readonly text: ChangingText; readonly offset: number }[] = [];
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const part of template.parts) {
    const isText = part.kind === "text";
    const piece = Buffer.from(isText ? part.text : textOf(part.name, transaction, 0));
    const change = isText ? undefined : changeOf(part.name);
    if (change !== undefined) {
      const text = texts.get(change.kind) ?? change.make();
      texts.set(change.kind, text);
      changes.push({ text, offset: offset + change.offset });
    }
    pieces.push(piece);
    offset += piece.length;
  }
  const changing = [...texts.values()];
  return {
    bytes: Buffer.concat(pieces),
    patch: (copy, start, sequence) => {
      for (const text of changing) text.set(sequence);
      for (const change of changes) change.text.pattern.layInto(copy, start + change.offset);
    },
  };
}

/** What differs where a variable stands, and where in it; undefined: nothing does. */
function changeOf(
  variable: string,
): { readonly kind: string; readonly offset: number; readonly make: () => ChangingText } | undefined {
  const place = placeOf(variable);
  if (place === undefined) return { kind: "id", offset: 0, make: () => new IdDigits() };
  const { start, encoding } = place;
  const form = hexSequence[encoding];
  if (start > form.offset) return undefined;
  return {
    kind: encoding,
    offset: encodeText(new Uint8Array(form.offset - start), encoding).length,
    make: () => new SequenceLetters(form),
  };
}
