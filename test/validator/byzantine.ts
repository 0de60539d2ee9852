import { sign } from "node:crypto";
import {
  type Block,
  type BlockContent,
  type BlockRef,
  buildBlock,
  decodeBlock,
} from "../../src/validator/engine/consensus/block.ts";
import { Dag } from "../../src/validator/engine/consensus/dag.ts";
import { Proposer } from "../../src/validator/engine/consensus/proposer.ts";
import type { Message } from "../../src/validator/engine/sync/messages.ts";
import type { Identity } from "../../src/validator/net/handshake.ts";
import { PeerNetwork } from "../../src/validator/net/peer-network.ts";
import { readHome } from "../../src/validator/node/home.ts";
import { buildMembership } from "../../src/validator/node/membership.ts";

/** What a faulty validator works with. */
export interface ByzantineTools {
  /** Accepted blocks of all. */
  readonly dag: Dag;
  /** Makes a signed block, and keeps it for those who ask for it. */
  readonly build: (content: BlockContent) => Block;
  readonly send: (peer: number, block: Block) => void;
  readonly sendBytes: (peer: number, encoded: Buffer) => void;
}

/** What a faulty validator does in a round: `proposal` is what an honest one would say. */
export type Misbehaviour = (proposal: BlockContent, tools: ByzantineTools) => void;

export interface ByzantineOptions {
  /** Whether it gives the blocks that others ask it for. */
  readonly answers?: boolean;
  /** Under what it introduces itself. */
  readonly identity?: Partial<Identity>;
}

/** Takes part in a committee over real connections, but sends what it likes. */
export async function startByzantine(
  files: { readonly folder: string },
  misbehave: Misbehaviour,
  { answers = true, identity = {} }: ByzantineOptions = {},
) {
  const home = await readHome(files.folder);
  const membership = buildMembership(home);
  const { rules, authority, privateKey } = membership;
  const dag = new Dag(rules);
  const proposer = new Proposer({ authority, rules, pace: { minRoundDelayMs: 0, leaderTimeoutMs: 0 } }, dag);
  const own = new Map<string, Block>();
  const closed: string[] = [];
  const sendBytes = (peer: number, encoded: Buffer) =>
    network.links.get(peer)?.send({ type: "block", encoded });
  const take = (block: Block, from: number) => {
    const insertion = dag.insert(block);
    if (insertion.outcome === "accepted") for (const each of insertion.blocks) proposer.observe(each);
    if (insertion.outcome === "suspended") {
      network.links.get(from)?.send({ type: "request", refs: insertion.missing.slice(0, 100) });
    }
  };
  const tools: ByzantineTools = {
    dag,
    build: (content: BlockContent) => {
      const block = buildBlock(content, rules.domain, (hash) => sign(null, hash, privateKey));
      own.set(block.ref.key, block);
      return block;
    },
    send: (peer: number, block: Block) => {
      take(block, authority);
      sendBytes(peer, block.encoded);
    },
    sendBytes,
  };
  const receive = (peer: number, message: Message) => {
    if (message.type === "range") {
      network.links.get(peer)?.send({ type: "missing", refs: [endOf(message.author)] });
    } else if (message.type === "request") {
      for (const { key } of answers ? message.refs : []) {
        const block = own.get(key);
        if (block !== undefined) sendBytes(peer, block.encoded);
      }
    } else if (message.type === "block") {
      const block = decodeBlock(message.encoded, rules);
      if (block !== undefined) take(block, peer);
    }
  };
  const network = new PeerNetwork(
    { ...membership, ...identity },
    {
      opened: (link) => link.send({ type: "subscribe", fromRound: 1, credit: 1_000_000 }),
      message: (peer, message) => receive(peer, message),
      drained: () => undefined,
      closed: (peer, reason) => closed.push(`${peer}: ${reason}`),
      refused: () => undefined,
    },
  );
  let lastRound = 0;
  const ticker = setInterval(() => {
    if (network.links.size === 0 || dag.clock <= lastRound) return;
    lastRound = dag.clock;
    const refs = proposer.selectRefs(lastRound);
    misbehave({ author: authority, round: lastRound, refs, transactions: [], timestampMs: lastRound }, tools);
  }, 5);
  await network.start(home.config.peer, home.config.peers);
  return {
    closed,
    [Symbol.dispose]: () => {
      clearInterval(ticker);
      network[Symbol.dispose]();
    },
  };
}

function endOf(author: number): BlockRef {
  return { author, round: 1, digest: Buffer.alloc(32), key: "" };
}
