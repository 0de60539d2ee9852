import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import { formatAuthority, formatOrigin } from "../../core/address.ts";
import { compilePointer } from "../../core/documents/json-pointer.ts";
import { BaleenError } from "../../core/errors.ts";
import { sendHttp } from "../../core/http.ts";
import { parseJson, wholeNumber } from "../rpc/reply.ts";
import { compileReplyRule } from "./description/reply-rule.ts";
import { compileRequest, fillRequest } from "./description/request.ts";
import type { CustomFile } from "./schema/schema.ts";

/** A node answered, but its description says that this is no healthy answer. */
class UnhealthyError extends BaleenError {
  constructor(endpoint: Endpoint, path: string, reason: string) {
    super("unhealthy", `${formatAuthority(endpoint)}${path} reports an unhealthy node: ${reason}.`);
  }
}

/** Asks one node for its health as the description has it. */
export function buildProbe(health: CustomFile["health"]): Protocol["probe"] {
  const { height, peers, "catching-up": catchingUp } = health;
  const request = fillRequest(compileRequest(health), () => "");
  const check = compileReplyRule(health.healthy);
  const isBehind = catchingUp === undefined ? () => false : compilePointer(catchingUp);
  return async (rpc, options) => {
    const { status, body } = await sendHttp(formatOrigin("http", rpc), {
      ...request,
      tls: rpc.tls,
      ...options,
    });
    const unhealthy = (reason: string) => new UnhealthyError(rpc, request.path, reason);
    const reason = check(status, body);
    if (reason !== undefined) throw unhealthy(reason);
    const reply = parseJson(body);
    const numberAt = (name: string, pointer: string | undefined, read = wholeNumber) => {
      if (pointer === undefined) return undefined;
      const number = read(compilePointer(pointer)(reply));
      if (number === undefined) throw unhealthy(`no number of ${name} at ${pointer}`);
      return number;
    };
    return {
      height: numberAt("height", height),
      peers: numberAt("peers", peers, (found) => (Array.isArray(found) ? found.length : wholeNumber(found))),
      catchingUp: isBehind(reply) === true,
    };
  };
}
