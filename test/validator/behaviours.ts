import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import {
  type Block,
  type BlockContent,
  buildRef,
  transactionsOf,
} from "../../src/validator/engine/consensus/block.ts";
import { leaderOf } from "../../src/validator/engine/consensus/committee.ts";
import { latestTimestampMs } from "../../src/validator/engine/consensus/validity.ts";
import { buildFrame } from "../../src/validator/engine/sync/frames.ts";
import { encodeMessage, frameTypes, largestMessageBytes } from "../../src/validator/engine/sync/messages.ts";
import { type ByzantineTools, type Misbehaviour, startByzantine } from "./byzantine.ts";
import { startRawPeer } from "./raw-peer.ts";

/** Starts to misbehave as the validator of a home, for the life of the process. */
type Behaviour = (home: { readonly folder: string }) => Promise<unknown>;

/** The faulty validator is the last of four. */
const honest = [0, 1, 2];
const committee = { size: 4, faults: 1, quorum: 3, leadersPerRound: 2 };

const ranks = [0, 1];
const leads = (round: number, authority: number) =>
  ranks.some((rank) => leaderOf(committee, { round, rank }) === authority);

const toAll = (block: Block, { send }: ByzantineTools) => {
  for (const peer of honest) send(peer, block);
};

/** Another block for each of its peers. */
const equivocate: Misbehaviour = (proposal, { build, send }) => {
  for (const peer of honest) {
    send(peer, build({ ...proposal, transactions: [Buffer.from(`twin ${proposal.round} ${peer % 2}`)] }));
  }
};

/** Sends each peer something else that no honest validator sends. */
const spoilBlocks =
  (spoil: (peer: number, proposal: BlockContent, tools: ByzantineTools) => Buffer): Misbehaviour =>
  (proposal, tools) => {
    for (const peer of honest) tools.sendBytes(peer, spoil(peer, proposal, tools));
  };

const invented = (author: number, round: number) => buildRef(author, round, randomBytes(32));

const wrongBytes = spoilBlocks((peer, proposal, { build }) => {
  const bytes = Buffer.from(build(proposal).encoded);
  if (peer === 0) bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  if (peer === 1) bytes.writeUInt16BE(0, 0);
  return peer === 2 ? bytes.subarray(0, bytes.length - 40) : bytes;
});

const wrongRefs = spoilBlocks((peer, proposal, { build }) => {
  const { refs, round } = proposal;
  const wrong = [
    [...refs, invented(0, round + 5)],
    [...refs, ...refs.slice(1, 2)],
    refs.map((ref) => invented(ref.author + 1, ref.round)),
  ];
  return build({ ...proposal, refs: wrong[peer] ?? [] }).encoded;
});

const wrongNumbers = spoilBlocks((peer, proposal, { build }) => {
  const round = 2 ** 40;
  const refs = proposal.refs.map(({ author }) => invented(author, round - 1));
  const wrong = [{ timestampMs: latestTimestampMs + 1 }, { round: 0 }, { round, refs }];
  return build({ ...proposal, ...wrong[peer] }).encoded;
});

/** Old blocks of all again and again, and their transactions in its own blocks. */
const replay: Misbehaviour = (proposal, tools) => {
  const old: Block[] = [];
  for (let round = Math.max(1, proposal.round - 20); round < proposal.round; round++) {
    for (const twins of tools.dag.blocksAt(round)) old.push(...(twins ?? []));
  }
  for (const block of old) for (const peer of honest) tools.sendBytes(peer, block.encoded);
  const transactions = old.filter(({ ref }) => ref.author !== proposal.author).flatMap(transactionsOf);
  toAll(tools.build({ ...proposal, transactions: [...transactions, ...transactions.slice(0, 3)] }), tools);
};

const wrongFrames = (peer: number, socket: Socket) => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(largestMessageBytes + 1);
  // Of a list of refs, one that is cut off.
  const list = Buffer.concat(buildFrame(frameTypes.missing, randomBytes(41)));
  const random = Buffer.concat(buildFrame(200, randomBytes(1_000)));
  socket.resume().write([head, random, list][peer] ?? head);
};

/** Asks for everything so many times every 50 ms, and reads nothing of it. */
const startSlowReader =
  (times: number): Behaviour =>
  (home) =>
    startRawPeer(home, (peer, socket) => {
      socket.pause();
      const range = { type: "range", author: peer, from: 1, to: 1_000_000 } as const;
      const many = Buffer.concat(Array.from({ length: times }, () => Buffer.concat(encodeMessage(range))));
      const asking = setInterval(() => {
        if (!socket.writableNeedDrain) socket.write(many);
      }, 50);
      socket.once("close", () => clearInterval(asking));
    });

/** What the faulty validator of a committee of four can do, by name. */
export const behaviours: Readonly<Record<string, Behaviour>> = {
  equivocating: (home) => startByzantine(home, equivocate),
  "equivocating as leader": (home) =>
    startByzantine(home, (proposal, tools) => {
      if (leads(proposal.round, proposal.author)) equivocate(proposal, tools);
      else toAll(tools.build(proposal), tools);
    }),
  silent: (home) => startByzantine(home, () => undefined),
  withholding: (home) =>
    startByzantine(home, (proposal, { build, send }) => send(proposal.round % 3, build(proposal)), {
      answers: false,
    }),
  "wrong bytes": (home) => startByzantine(home, wrongBytes),
  "wrong refs": (home) => startByzantine(home, wrongRefs),
  "wrong numbers": (home) => startByzantine(home, wrongNumbers),
  "wrong frames": (home) => startRawPeer(home, wrongFrames),
  "another genesis": (home) =>
    startByzantine(home, () => undefined, { identity: { network: Buffer.alloc(32, 8) } }),
  "reading nothing": startSlowReader(10),
  "asking without end": startSlowReader(10_000),
  replaying: (home) => startByzantine(home, replay),
  "jumping in time": (home) =>
    startByzantine(home, (proposal, tools) => {
      const times = [0, Date.now() + 3e11, latestTimestampMs, Date.now() - 3e11];
      toAll(tools.build({ ...proposal, timestampMs: times[proposal.round % 4] ?? 0 }), tools);
    }),
};
