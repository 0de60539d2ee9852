import type { Endpoint } from "../../contracts/nodes/node.ts";
import type { NodeHealth, ProbeOptions, Protocol } from "../../contracts/protocol.ts";
import { formatAuthority, formatOrigin } from "../../core/address.ts";
import { compilePointer } from "../../core/documents/json-pointer.ts";
import { BaleenError } from "../../core/errors.ts";
import { sendHttp } from "../../core/http.ts";
import { parseJson, wholeNumber } from "../rpc/reply.ts";
import { compileReplyRule } from "./description/reply-rule.ts";
import { compileRequest, fillRequest } from "./description/request.ts";
import type { CustomFile } from "./schema/schema.ts";

/** A node answered, but its description says that this is no healthy answer. */
export class UnhealthyError extends BaleenError {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint, path: string, reason: string) {
    super("unhealthy", `${formatAuthority(endpoint)}${path} says that the node is not healthy: ${reason}.`);
    this.endpoint = endpoint;
  }
}

/** Asks one node for its health as the description has it. */
export function buildProbe(health: CustomFile["health"]): Protocol["probe"] {
  const request = fillRequest(compileRequest(health), () => "");
  const check = compileReplyRule(health.healthy);
  const read = compileHealth(health);
  return async (rpc: Endpoint, options: ProbeOptions): Promise<NodeHealth> => {
    const reply = await sendHttp(formatOrigin("http", rpc), { ...request, tls: rpc.tls, ...options });
    const reason = check(reply.status, reply.body);
    if (reason !== undefined) throw new UnhealthyError(rpc, request.path, reason);
    return read(parseJson(reply.body), (missing) => {
      throw new UnhealthyError(rpc, request.path, missing);
    });
  };
}

/** Finds in a reply what it tells of height and peers, where the description says that it tells. */
function compileHealth({ height, peers, "catching-up": catchingUp }: CustomFile["health"]) {
  const whole = compileCount("height", height, wholeNumber);
  const several = compileCount("peers", peers, (found) =>
    Array.isArray(found) ? found.length : wholeNumber(found),
  );
  const behind = catchingUp === undefined ? () => false : compilePointer(catchingUp);
  return (reply: unknown, fail: (reason: string) => never): NodeHealth => ({
    height: whole(reply, fail),
    peers: several(reply, fail),
    catchingUp: behind(reply) === true,
  });
}

function compileCount(
  name: string,
  pointer: string | undefined,
  read: (found: unknown) => number | undefined,
): (reply: unknown, fail: (reason: string) => never) => number | undefined {
  if (pointer === undefined) return () => undefined;
  const find = compilePointer(pointer);
  return (reply, fail) => read(find(reply)) ?? fail(`no number of ${name} at ${pointer}`);
}
