/** The coordinator: the one address that all peers know, where they find each other and the plan. It relays nothing. */
import type { Address, Admission, CoordinatorConfigFile, Registration } from "./config.ts";
import { jsonReply, type Routes } from "./http.ts";
import { planHash } from "./plan.ts";

/** Peers beside those that are expected. */
const mostStrangers = 64;

/** Peers that registered, and the plan that they receive. */
export class Coordinator {
  readonly #config: CoordinatorConfigFile;
  readonly #hash: string;
  readonly #peers = new Map<string, Registration>();
  #isComplete = false;

  constructor(config: CoordinatorConfigFile) {
    this.#config = config;
    this.#hash = planHash(config.plan);
  }

  /** @throws TypeError for what is no registration; RangeError where there are too many */
  admit(asked: unknown): Admission {
    const peer = readRegistration(asked);
    const { plan, heartbeatMs } = this.#config;
    if (!this.#peers.has(peer.name) && this.#peers.size >= plan.peers.length + mostStrangers) {
      throw new RangeError("there are too many peers");
    }
    this.#peers.set(peer.name, peer);
    this.#isComplete ||= plan.peers.every((name) => this.#peers.has(name) || plan.late.includes(name));
    return {
      heartbeatMs,
      plan,
      planHash: this.#hash,
      peers: [...this.#peers.values()],
      isComplete: this.#isComplete,
    };
  }

  get routes(): Routes {
    return {
      "POST /peers": ({ body }) => jsonReply(this.admit(body)),
      "GET /status": () =>
        jsonReply({
          clock: Date.now(),
          plan: this.#hash,
          peers: [...this.#peers.keys()],
          isComplete: this.#isComplete,
        }),
    };
  }
}

function readRegistration(asked: unknown): Registration {
  const { name, address } = (asked ?? {}) as Partial<Registration>;
  if (typeof name !== "string" || !/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
    throw new TypeError("name: 1 to 64 letters, digits, _, . or -");
  }
  return { name, address: readAddress(address) };
}

function readAddress(given: unknown): Address {
  const { host, port } = (given ?? {}) as Partial<Address>;
  const isPort = Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535;
  if (typeof host !== "string" || host === "" || host.length > 255 || !isPort) {
    throw new TypeError("address: a host and a port from 1 to 65535");
  }
  return { host, port: port as number };
}
