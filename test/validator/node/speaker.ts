import { sign } from "node:crypto";
import {
  type Block,
  type BlockRef,
  buildBlock,
  buildRef,
  decodeBlock,
  digestBytes,
} from "../../../src/validator/engine/consensus/block.ts";
import { PeerNetwork } from "../../../src/validator/net/peer-network.ts";
import { readHome } from "../../../src/validator/node/home.ts";
import { buildMembership } from "../../../src/validator/node/membership.ts";

/** A validator that says that it has reached a round, and sends what the test says. */
export async function startSpeaker(files: { readonly folder: string }, reachedRound: number) {
  const home = await readHome(files.folder);
  const membership = buildMembership(home);
  const { rules, authority, privateKey } = membership;
  const received: { readonly block: Block; readonly atMs: number }[] = [];
  const network = new PeerNetwork(membership, {
    opened: (link) => link.send({ type: "subscribe", fromRound: 1, credit: 100 }),
    message: (peer, message) => {
      if (message.type === "range") {
        const round = message.author === authority ? reachedRound + 1 : 1;
        network.links
          .get(peer)
          ?.send({ type: "missing", refs: [buildRef(message.author, round, Buffer.alloc(digestBytes))] });
      } else if (message.type === "block") {
        const block = decodeBlock(message.encoded, rules);
        if (block !== undefined) received.push({ block, atMs: performance.now() });
      }
    },
    drained: () => undefined,
    closed: () => undefined,
    refused: () => undefined,
  });
  await network.start(home.config.peer, home.config.peers);
  return {
    genesis: rules.genesis,
    received,
    isConnected: () => network.links.has(0),
    say: (round: number, below: readonly BlockRef[]) => {
      const refs = below.toSorted((a, b) => Number(b.author === authority) - Number(a.author === authority));
      const content = { author: authority, round, refs, transactions: [], timestampMs: round };
      const block = buildBlock(content, rules.domain, (hash) => sign(null, hash, privateKey));
      network.links.get(0)?.send({ type: "block", encoded: block.encoded });
      return block.ref;
    },
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}
