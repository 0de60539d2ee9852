import { BaleenError } from "../../core/errors.ts";

/** A failure as JSON-RPC 2.0 tells it; texts are those of CometBFT 0.38. */
export class RpcError extends BaleenError {
  /** JSON-RPC error code, -32700 to -32600. */
  readonly rpcCode: number;
  /** Kind of failure, the same for all of one code. */
  readonly title: string;

  constructor(kind: keyof typeof kinds, detail: string, options?: { cause?: unknown }) {
    super(`rpc-${kind}`, detail, options);
    this.rpcCode = kinds[kind].code;
    this.title = kinds[kind].title;
  }
}

const kinds = {
  parse: { code: -32700, title: "Parse error. Invalid JSON" },
  request: { code: -32600, title: "Invalid Request" },
  method: { code: -32601, title: "Method not found" },
  params: { code: -32602, title: "Invalid params" },
  internal: { code: -32603, title: "Internal error" },
} as const;
