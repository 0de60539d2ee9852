/** Parts of several protocols. */
import type { ForeignProgram, NodeFile } from "../contracts/deployment.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { RunParameters } from "../contracts/results/run-parameters.ts";
import { formatOrigin } from "../core/address.ts";
import { InvalidArgumentError } from "../core/errors.ts";
import { sendHttp } from "../core/http.ts";

/**
 * A foreign program as it runs: where a user chose a file or an image, the adapter's own count for neither. Where a file
 * was named and no image, containers run an image that is made of it, which starts just that.
 */
export function programOf(
  { entrypoint, ...own }: Omit<ForeignProgram, "kind">,
  { path, image }: RunParameters["program"] = {},
): ForeignProgram {
  const named = image ?? (path === undefined ? own.image : undefined);
  return {
    kind: "foreign-program",
    ...own,
    path: path ?? (image === undefined ? own.path : undefined),
    image: named,
    ...(named === undefined ? {} : { entrypoint }),
  };
}

export function jsonFile(path: string, content: unknown, mode: number): NodeFile {
  return { path, content: `${JSON.stringify(content, null, 2)}\n`, mode };
}

/**
 * Asks a program of ours whether it is ready: `GET /status`.
 *
 * @throws Error with what it waits for
 */
export const probeStatus: Protocol["probe"] = async (rpc, { timeoutMs, signal }) => {
  const request = { method: "GET", path: "/status", timeoutMs, signal } as const;
  const { status, body } = await sendHttp(formatOrigin("http", rpc), request);
  const { isReady, waitsFor = "its first look at itself" } =
    status === 200 ? (JSON.parse(body) as { readonly isReady?: unknown; readonly waitsFor?: unknown }) : {};
  if (isReady !== true) throw new Error(`it waits for ${String(waitsFor)}`);
  return { catchingUp: false };
};

/** Of a system to which nothing is sent; the sizes are those that its nodes can be told. */
export function noClients(
  sizes: Pick<Protocol["transactions"], "smallestBytes" | "largestBytes">,
): Pick<Protocol, "transactions" | "submission"> {
  return {
    transactions: {
      ...sizes,
      encode: nothingSent,
      identify: () => undefined,
      headBytes: 0,
      identifyHead: () => false,
    },
    submission: { path: "/", headers: {}, body: nothingSent, classify: nothingSent },
  };
}

function nothingSent(): never {
  throw new InvalidArgumentError("The nodes generate the load themselves: nothing is sent to them.");
}
