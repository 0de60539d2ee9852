/** What stands in a submission's body for its transaction. */
import { requestId } from "../../rpc/json-rpc-bytes.ts";
import { keyBytes } from "../../transactions/hex-key.ts";

/** How bytes stand in a text. A transaction is letters and digits, so that it is its own text. */
export type TextEncoding = "text" | "base64" | "hex";

const encodings: readonly TextEncoding[] = ["text", "base64", "hex"];

/** Which bytes of a transaction a variable stands for. */
interface TextPlace {
  readonly start: number;
  readonly end: number | undefined;
  readonly encoding: TextEncoding;
}

const parts = {
  transaction: { start: 0, end: undefined },
  "transaction.key": { start: 0, end: keyBytes },
  "transaction.value": { start: keyBytes, end: undefined },
} as const;

/** The `transactionVariables`; without an encoding, it is the text. */
const places: ReadonlyMap<string, TextPlace> = new Map(
  Object.entries(parts).flatMap(([name, part]) => [
    [name, { ...part, encoding: "text" }] as const,
    ...encodings.map((encoding) => [`${name}.${encoding}`, { ...part, encoding }] as const),
  ]),
);

/** What a variable stands for; undefined for `${id}`, the number of the submission, which has 15 digits. */
export function placeOf(variable: string): TextPlace | undefined {
  return places.get(variable);
}

/** The text that a variable of a transaction stands for. */
export function textOf(variable: string, transaction: Uint8Array, id: number): string {
  const place = placeOf(variable);
  if (place === undefined) return String(requestId(id));
  const { start, end, encoding } = place;
  return encodeText(transaction.subarray(start, end), encoding);
}

export function encodeText(bytes: Uint8Array, encoding: TextEncoding): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength).toString(encoding === "text" ? "latin1" : encoding);
}
