/** Reading what a node answered. */
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { formatAuthority } from "../../core/address.ts";
import { showJson } from "../../core/documents/show-json.ts";
import { BaleenError } from "../../core/errors.ts";

/** A node answered, but not with what was asked for. */
export class RpcReplyError extends BaleenError {
  readonly endpoint: Endpoint;

  /** Who should have answered, and where. */
  protected static readonly expected: readonly [node: string, port: string] = ["CometBFT 0.38 does", "RPC"];

  constructor(endpoint: Endpoint, reason: string, options?: { readonly cause?: unknown }) {
    const [node, port] = new.target.expected;
    super(
      "rpc-reply",
      `The node at ${formatAuthority(endpoint)} did not reply like ${node}: ${reason}. ` +
        `Check that this is its ${port} port.`,
      options,
    );
    this.endpoint = endpoint;
  }
}

/** Walks into parsed JSON; undefined where the way ends. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lists are, too. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Parses JSON of the node's. */
export function parseReply(rpc: Endpoint, text: string, ReplyError = RpcReplyError): unknown {
  const refuse = (cause: unknown) =>
    new ReplyError(rpc, `not JSON: ${JSON.stringify(text.slice(0, 80))}`, { cause });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(error);
  }
}

/** One that is not negative: a number, or a text of digits, as 64-bit ones often come. */
export function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** 64-bit integers come as strings, 32-bit ones as numbers. */
export function integer(rpc: Endpoint, value: unknown): number {
  const number = wholeNumber(value);
  if (number === undefined) throw new RpcReplyError(rpc, `${showJson(value)} instead of an integer`);
  return number;
}
