import { formatAuthority } from "../../../core/address.ts";
import { encoderOf, type TransportRequest } from "../transport.ts";

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
  const { submission } = request;
  const transaction = encoderOf(request);
  const build = (sequence: number) => {
    const made = transaction(sequence);
    const body = Buffer.from(submission.body(made, sequence));
    const path = submission.ownPath?.of(made, sequence) ?? submission.path;
    return Buffer.concat([requestHead(request, path, body.length), body]);
  };
  const template = submission.template?.(transaction(0));
  if (template === undefined) return { template, build };
  const path = submission.ownPath?.template(transaction(0));
  const firstPath = path === undefined ? submission.path : Buffer.from(path.bytes).toString("latin1");
  const head = requestHead(request, firstPath, template.bytes.length);
  const patchBody: RequestTemplate["patch"] = (copy, offset, sequence) =>
    template.patch(copy, offset + head.length, sequence);
  const patchBoth: RequestTemplate["patch"] = (copy, offset, sequence) => {
    path?.patch(copy, offset + methodOf(submission).length + 1, sequence);
    patchBody(copy, offset, sequence);
  };
  return {
    build,
    template: {
      bytes: Buffer.concat([head, template.bytes]),
      patch: path === undefined ? patchBody : patchBoth,
    },
  };
}

function methodOf({ method = "POST" }: RequestParts["submission"]): string {
  return method;
}

/** The head of a request with a body of so many bytes. */
export function requestHead(
  { rpc, submission }: Pick<TransportRequest, "rpc" | "submission">,
  path: string,
  lengthBytes: number,
): Buffer {
  const fields = Object.entries({
    host: formatAuthority(rpc),
    ...submission.headers,
    "content-length": String(lengthBytes),
  });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${methodOf(submission)} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}
