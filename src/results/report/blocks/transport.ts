import type { TransportPlan } from "../../../contracts/load/transport.ts";

/** How transactions get to the nodes: "http-batch, up to 10 transactions in a request, 4 requests in flight per connection". */
export function formatTransport({ kind, inFlightPerConnection, batchSize }: TransportPlan): string {
  const what = kind === "websocket" ? "messages" : "requests";
  return [
    kind,
    ...(batchSize === 1 ? [] : [`up to ${batchSize} transactions in a request`]),
    ...(inFlightPerConnection === 1 ? [] : [`${inFlightPerConnection} ${what} in flight per connection`]),
  ].join(", ");
}
