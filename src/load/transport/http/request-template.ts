import { formatAuthority } from "../../../core/address.ts";
import type { TransportRequest } from "../transport.ts";

/** Whole HTTP requests, head and body, as bytes. */
export interface RequestWriter {
  /** What differs has a fixed place, so a copy is written once and patched from then on; undefined: `build` each. */
  readonly template: RequestTemplate | undefined;
  readonly build: (sequence: number) => Buffer;
}

export interface RequestTemplate {
  /** The request of sequence number 0. */
  readonly bytes: Buffer;
  /** Makes the copy that begins at `offset` another one's. */
  readonly patch: (copy: Uint8Array, offset: number, sequence: number) => void;
}

/** What requests are made of. */
type RequestParts = Pick<
  TransportRequest,
  "rpc" | "submission" | "transactions" | "run" | "client" | "seed" | "transactionSizeBytes"
>;

/** @throws InvalidArgumentError where transactions of this size cannot be made */
export function requestWriter(request: RequestParts): RequestWriter {
  const { submission, transactions, run, client, seed, transactionSizeBytes } = request;
  const transaction = (sequence: number) =>
    transactions.encode({ run, client, sequence }, transactionSizeBytes, seed);
  const build = (sequence: number) => {
    const body = Buffer.from(submission.body(transaction(sequence), sequence));
    return Buffer.concat([requestHead(request, body.length), body]);
  };
  const template = submission.template?.(transaction(0));
  if (template === undefined) return { template, build };
  const head = requestHead(request, template.bytes.length);
  return {
    build,
    template: {
      bytes: Buffer.concat([head, template.bytes]),
      patch: (copy, offset, sequence) => template.patch(copy, offset + head.length, sequence),
    },
  };
}

function requestHead({ rpc, submission }: RequestParts, lengthBytes: number): Buffer {
  const fields = Object.entries({
    host: formatAuthority(rpc),
    ...submission.headers,
    "content-length": String(lengthBytes),
  });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const { method = "POST", path } = submission;
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}
