import { subscribe } from "node:diagnostics_channel";
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import { describeError } from "../../core/errors.ts";
import { isTraced, stopwatch, trace } from "../../core/trace.ts";

/** Engines by the agent of their requests. */
const engines = new WeakMap<object, string>();

interface Watched {
  readonly engine: string;
  readonly elapsedMs: () => number;
}
const watched = new WeakMap<ClientRequest, Watched>();
let isListening = false;

/** Reports each request that goes through this agent. The client library gives no place for it; Node.js does. */
export function traceRequests<A extends Agent>(agent: A, engine: string): A {
  if (!isTraced()) return agent;
  engines.set(agent, engine);
  if (!isListening) {
    isListening = true;
    subscribe("http.client.request.created", (message) => begin((message as Created).request));
    subscribe("http.client.response.finish", (message) => {
      const { request, response } = message as Created & { readonly response: IncomingMessage };
      report(request, { status: response.statusCode });
    });
    subscribe("http.client.request.error", (message) => {
      const { request, error } = message as Created & { readonly error: unknown };
      report(request, { failure: describeError(error) });
    });
  }
  return agent;
}

interface Created {
  readonly request: ClientRequest & { readonly agent?: object };
}

function begin(request: Created["request"]): void {
  const engine = request.agent && engines.get(request.agent);
  if (engine === undefined) return;
  watched.set(request, { engine, elapsedMs: stopwatch() });
  // Of streams in both directions; the library listens, too.
  request.once("upgrade", ({ statusCode }: IncomingMessage) => report(request, { status: statusCode }));
}

function report(
  request: ClientRequest,
  outcome: { readonly status?: number | undefined; readonly failure?: string },
) {
  const begun = watched.get(request);
  if (begun === undefined) return;
  watched.delete(request);
  const { engine, elapsedMs } = begun;
  const { method } = request;
  const path = shownPath(method, request.path);
  trace(() => ({ kind: "request", engine, method, path, ms: elapsedMs(), ...outcome }));
}

/** The library repeats what it makes in the query, environments too; in what it only asks for there is no secret. */
function shownPath(method: string, path: string): string {
  const [place = "", query = ""] = path.split("?", 2);
  const shown = [...new URLSearchParams(query)].filter(([key]) => method === "GET" || /^name$/i.test(key));
  const whole = shown.length === 0 ? place : `${place}?${shown.map((pair) => pair.join("=")).join("&")}`;
  return whole.replaceAll(/[0-9a-f]{64}/g, (id) => id.slice(0, 12));
}
