/** Many reports over few connections: requests are sent behind one another, without waiting for each reply. */
import { once } from "node:events";
import { connect } from "node:net";
import { metricsOf } from "./sample-metrics.ts";

const inFlight = 50;

/**
 * Reports so often, each connection as a peer of its own.
 *
 * @param address of the client: a server counts requests by it
 * @returns how many were acknowledged
 */
export async function reportMuch(
  url: string,
  test: string,
  { peer, count, address }: { readonly peer: string; readonly count: number; readonly address: string },
): Promise<number> {
  const { hostname, port } = new URL(url);
  const body = JSON.stringify(metricsOf(1));
  const path = `/test/${test}/peer/${peer}/metrics`;
  const head = `PUT ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\n`;
  const request = `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const socket = connect({ host: hostname, port: Number(port), localAddress: address });
  await once(socket, "connect");
  let sent = 0;
  let acknowledged = 0;
  const send = (wanted: number) => {
    const now = Math.min(wanted, count - sent);
    sent += now;
    if (now > 0) socket.write(request.repeat(now));
  };
  let rest = "";
  send(inFlight);
  for await (const chunk of socket) {
    const text = rest + (chunk as Buffer).toString("latin1");
    const replies = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)];
    const wrong = replies.find(([, status]) => status !== "200");
    if (wrong !== undefined) throw new Error(`${wrong[0]}: ${text.slice(wrong.index, wrong.index + 2_000)}`);
    // Half a status line may be at the end.
    rest = text.slice(-12).replace(/^.*HTTP\/1\.1 \d{3} /s, "");
    acknowledged += replies.length;
    if (acknowledged === count) break;
    send(replies.length);
  }
  return acknowledged;
}
