// The relay's thread: one listening port for each link, whose target is told later.
import { type AddressInfo, connect, createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { DelayLine } from "./delay-line.ts";
import type { RelayOptions, RelayRoute } from "./relay.ts";

const { links, addresses = [], oneWayDelayMs } = workerData as RelayOptions;
const targets = new Map<number, number>();

async function listen(host: string): Promise<number> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const port = targets.get((server.address() as AddressInfo).port);
    if (port === undefined) {
      near.destroy();
      return;
    }
    const far = connect({ host, port, noDelay: true, allowHalfOpen: true });
    new DelayLine(near, far, oneWayDelayMs);
    new DelayLine(far, near, oneWayDelayMs);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

parentPort?.on("message", ({ port, target }: RelayRoute) => targets.set(port, target));
const hosts = Array.from({ length: links }, (_, link) => addresses[link] ?? "127.0.0.1");
parentPort?.postMessage(await Promise.all(hosts.map(listen)));
