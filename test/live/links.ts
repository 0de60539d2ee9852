import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { HomeFiles } from "../validator/homes.ts";

/**
 * How a link fails. "cut": connections are reset, new ones too. "lost": connections stay, new ones too, and whatever is
 * sent is lost without a word, as on a broken route.
 */
export type LinkFailure = "cut" | "lost";

/** A TCP proxy between one validator and another. */
class Link implements Disposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Those through which something was lost: they never work again, as no route brings bytes back. */
  readonly #dead = new WeakSet<Socket>();
  #failure: LinkFailure | undefined;

  constructor(targetPort: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      const upstream = connect({ host: "127.0.0.1", port: targetPort, noDelay: true });
      this.#relay(client, upstream);
      this.#relay(upstream, client);
      if (this.#failure === "cut") client.resetAndDestroy();
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  fail(failure: LinkFailure): void {
    this.#failure = failure;
    for (const socket of this.#sockets) {
      if (failure === "lost") this.#dead.add(socket);
      else socket.destroy();
    }
  }

  heal(): void {
    this.#failure = undefined;
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #relay(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    if (this.#failure === "lost") this.#dead.add(from);
    from.on("error", () => undefined);
    from.on("data", (chunk: Buffer) => {
      if (this.#dead.has(from) || to.destroyed) return;
      if (to.write(chunk)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.on("close", () => {
      this.#sockets.delete(from);
      // An end is lost like everything else: whoever is at the other side is told nothing.
      if (!this.#dead.has(from)) to.destroy();
    });
  }
}

/** All links of a committee, each through a proxy of its own. */
export interface Links extends Disposable {
  /** The homes, with peers that point at the proxies. */
  readonly homes: readonly HomeFiles[];
  /** Separates validators from all others; they still reach each other. */
  readonly isolate: (authorities: readonly number[], failure: LinkFailure) => void;
  /** Separates two groups that leave others connected to both. */
  readonly separate: (one: readonly number[], other: readonly number[], failure: LinkFailure) => void;
  readonly heal: () => void;
}

export async function openLinks(homes: readonly HomeFiles[]): Promise<Links> {
  const links: { readonly ends: readonly [number, number]; readonly link: Link }[] = [];
  const open = async (from: number, peer: { authority: number; port: number }) => {
    const link = new Link(peer.port);
    links.push({ ends: [from, peer.authority], link });
    return link.listen();
  };
  const linked = await Promise.all(
    homes.map(async (home) => {
      const peers = await Promise.all(
        home.config.peers.map(async (peer) => ({ ...peer, port: await open(home.key.authority, peer) })),
      );
      return { ...home, config: { ...home.config, peers } };
    }),
  );
  const fail = (failure: LinkFailure, concerned: (a: number, b: number) => boolean) => {
    for (const { ends, link } of links) if (concerned(...ends)) link.fail(failure);
  };
  return {
    homes: linked,
    isolate: (authorities, failure) =>
      fail(failure, (a, b) => authorities.includes(a) !== authorities.includes(b)),
    separate: (one, other, failure) =>
      fail(
        failure,
        (a, b) => (one.includes(a) && other.includes(b)) || (one.includes(b) && other.includes(a)),
      ),
    heal: () => {
      for (const { link } of links) link.heal();
    },
    [Symbol.dispose]: () => {
      for (const { link } of links) link[Symbol.dispose]();
    },
  };
}
