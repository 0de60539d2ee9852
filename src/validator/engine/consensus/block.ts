import { readUint64, sha256, writeUint64 } from "./bytes.ts";

/**
 * Names one block; `key` is all of it as a string, and orders the blocks of one author and round by digest. Who names a
 * block under another author or round names none, and cannot have one vote count for several.
 */
export interface BlockRef {
  readonly author: number;
  readonly round: number;
  readonly digest: Buffer;
  readonly key: string;
}

/** One block as it travels: `encoded` holds all of it, transactions included. Immutable. */
export interface Block {
  readonly ref: BlockRef;
  /** The first is the author's own previous block. */
  readonly refs: readonly BlockRef[];
  /** By author: the ref to its block of the round just below, if any. These are the edges that vote. */
  readonly parents: readonly (BlockRef | undefined)[];
  /** Claimed by the author, ms since 1970; informational. */
  readonly timestampMs: number;
  readonly transactionCount: number;
  readonly encoded: Buffer;
  /** Where the transactions begin in `encoded`. */
  readonly transactionsOffset: number;
  /** What the signature covers, 32 bytes. */
  readonly contentHash: Buffer;
}

/** What a new block says, before it is signed. */
export interface BlockContent
  extends Pick<BlockRef, "author" | "round">,
    Pick<Block, "refs" | "timestampMs"> {
  readonly transactions: readonly Uint8Array[];
}

/** What the encoded blocks of one chain have in common. */
export interface BlockFormat {
  readonly domain: Buffer;
  readonly mostRefs: number;
}

export const largestBlockBytes = 4 * 1024 * 1024;

export const digestBytes = 32;
const signatureBytes = 64;
/** author u16, round u64, digest. */
export const refBytes = 2 + 8 + digestBytes;
const headerBytes = 2 + 8 + 2;
const tailBytes = 8 + signatureBytes;

export function buildRef(author: number, round: number, digest: Buffer): BlockRef {
  return { author, round, digest, key: `${author}/${round}/${digest.toString("latin1")}` };
}

/** By (round, author, digest). */
export function compareBlocks({ ref: a }: Pick<Block, "ref">, { ref: b }: Pick<Block, "ref">): number {
  return a.round - b.round || a.author - b.author || (a.key < b.key ? -1 : 1);
}

/** Writes a ref at an offset and returns the offset behind it. */
export function writeRef(target: Buffer, offset: number, ref: BlockRef): number {
  let at = target.writeUInt16BE(ref.author, offset);
  at = writeUint64(target, at, ref.round);
  ref.digest.copy(target, at);
  return at + digestBytes;
}

/** Refs, side by side. */
export function encodeRefs(refs: readonly BlockRef[]): Buffer {
  const bytes = Buffer.allocUnsafe(refs.length * refBytes);
  let at = 0;
  for (const ref of refs) at = writeRef(bytes, at, ref);
  return bytes;
}

/** Reads a ref at an offset, or undefined where its round is no safe integer. The digest is a view. */
export function readRef(source: Buffer, offset: number): BlockRef | undefined {
  const round = readUint64(source, offset + 2);
  if (round === undefined) return undefined;
  const digest = source.subarray(offset + 10, offset + 10 + digestBytes);
  return buildRef(source.readUInt16BE(offset), round, digest);
}

/** Writes transactions, each with its length before it, and returns the offset behind them. */
export function writeTransactions(
  target: Buffer,
  offset: number,
  transactions: readonly Uint8Array[],
): number {
  let at = offset;
  for (const transaction of transactions) {
    at = target.writeUInt32BE(transaction.length, at);
    target.set(transaction, at);
    at += transaction.length;
  }
  return at;
}

/** Hash that opens every content hash of one chain: domain tag and chain id. */
export function chainDomain(chainId: string): Buffer {
  return sha256(Buffer.from(`baleen/mysticeti/block/1\0${chainId}`));
}

/** The implicit block of an author at round 0: never sent, never committed. */
export function genesisRef(domain: Buffer, author: number): BlockRef {
  return buildRef(author, 0, sha256(Buffer.concat([domain, Buffer.from(`genesis\0${author}`)])));
}

/**
 * Encodes and signs a block of ours.
 *
 * @param sign signs a 32-byte content hash with the author's ed25519 key: 64 bytes
 */
export function buildBlock(
  content: BlockContent,
  domain: Buffer,
  sign: (contentHash: Buffer) => Uint8Array,
): Block {
  const transactionBytes = content.transactions.reduce((sum, each) => sum + 4 + each.length, 4);
  const size = headerBytes + content.refs.length * refBytes + transactionBytes + tailBytes;
  const encoded = Buffer.allocUnsafeSlow(size);
  let at = encoded.writeUInt16BE(content.author, 0);
  at = writeUint64(encoded, at, content.round);
  at = encoded.writeUInt16BE(content.refs.length, at);
  for (const ref of content.refs) at = writeRef(encoded, at, ref);
  const transactionsOffset = at;
  at = encoded.writeUInt32BE(content.transactions.length, at);
  at = writeTransactions(encoded, at, content.transactions);
  at = writeUint64(encoded, at, content.timestampMs);
  const contentHash = hashContent(domain, encoded.subarray(0, at));
  encoded.set(sign(contentHash), at);
  return {
    ref: buildRef(content.author, content.round, digestOf(contentHash, encoded.subarray(at))),
    refs: content.refs,
    parents: parentsOf(content.round, content.refs),
    timestampMs: content.timestampMs,
    transactionCount: content.transactions.length,
    encoded,
    transactionsOffset,
    contentHash,
  };
}

/**
 * Reads an encoded block: its structure only. Of its refs, the number alone is checked here; its signature is not.
 *
 * @param encoded exactly one block; kept by the result
 * @returns undefined where the bytes are not a block's
 */
export function decodeBlock(encoded: Buffer, { domain, mostRefs }: BlockFormat): Block | undefined {
  if (encoded.length < headerBytes + 4 + tailBytes || encoded.length > largestBlockBytes) return undefined;
  const signatureOffset = encoded.length - signatureBytes;
  const timestampOffset = signatureOffset - 8;
  const round = readUint64(encoded, 2);
  const timestampMs = readUint64(encoded, timestampOffset);
  const refCount = encoded.readUInt16BE(10);
  const transactionsOffset = headerBytes + refCount * refBytes;
  if (round === undefined || timestampMs === undefined) return undefined;
  if (refCount > mostRefs || transactionsOffset + 4 > timestampOffset) return undefined;
  const refs: BlockRef[] = [];
  for (let i = 0; i < refCount; i++) {
    const ref = readRef(encoded, headerBytes + i * refBytes);
    if (ref === undefined) return undefined;
    refs.push(ref);
  }
  const transactionCount = encoded.readUInt32BE(transactionsOffset);
  if (endOfTransactions(encoded, transactionsOffset, timestampOffset) !== timestampOffset) return undefined;
  const contentHash = hashContent(domain, encoded.subarray(0, signatureOffset));
  const digest = digestOf(contentHash, encoded.subarray(signatureOffset));
  return {
    ref: buildRef(encoded.readUInt16BE(0), round, digest),
    refs,
    parents: parentsOf(round, refs),
    timestampMs,
    transactionCount,
    encoded,
    transactionsOffset,
    contentHash,
  };
}

/** The block's transactions, as views into its bytes. */
export function transactionsOf(block: Block): Buffer[] {
  const transactions: Buffer[] = [];
  let at = block.transactionsOffset + 4;
  for (let i = 0; i < block.transactionCount; i++) {
    const length = block.encoded.readUInt32BE(at);
    transactions.push(block.encoded.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return transactions;
}

/** The block's signature, 64 bytes. */
export function signatureOf(block: Block): Buffer {
  return block.encoded.subarray(block.encoded.length - signatureBytes);
}

function endOfTransactions(encoded: Buffer, offset: number, limit: number): number | undefined {
  const count = encoded.readUInt32BE(offset);
  let at = offset + 4;
  for (let i = 0; i < count; i++) {
    if (at + 4 > limit) return undefined;
    at += 4 + encoded.readUInt32BE(at);
    if (at > limit) return undefined;
  }
  return at;
}

function hashContent(domain: Buffer, content: Buffer): Buffer {
  return sha256(Buffer.concat([domain, sha256(content)]));
}

function digestOf(contentHash: Buffer, signature: Uint8Array): Buffer {
  return sha256(Buffer.concat([contentHash, signature]));
}

function parentsOf(round: number, refs: readonly BlockRef[]): (BlockRef | undefined)[] {
  const parents: (BlockRef | undefined)[] = [];
  for (const ref of refs) if (ref.round === round - 1) parents[ref.author] = ref;
  return parents;
}
