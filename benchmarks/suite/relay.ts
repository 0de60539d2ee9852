import { once } from "node:events";
import { Worker } from "node:worker_threads";

export interface RelayOptions {
  readonly links: number;
  /** Loopback address of each link's both ends; 127.0.0.1 where there is none. */
  readonly addresses?: readonly string[];
  /** For each byte, in each direction. */
  readonly oneWayDelayMs: number;
}

/** What comes in at one of the relay's ports goes to this port of the same address. */
export interface RelayRoute {
  readonly port: number;
  readonly target: number;
}

/** Links of loopback with a delay, as between machines far apart. Runs in a thread of its own, to keep its times. */
export interface Relay extends AsyncDisposable {
  /** One for each link. */
  readonly ports: readonly number[];
  /** Says where a link leads; connections that came before are refused. */
  readonly route: (route: RelayRoute) => void;
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const worker = new Worker(new URL("./relay-worker.ts", import.meta.url), { workerData: options });
  const [ports] = (await once(worker, "message")) as [number[]];
  return {
    ports,
    route: (route) => worker.postMessage(route),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}
