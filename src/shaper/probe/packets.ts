/** Packets of probes, of one fixed length, so that a reply is never longer than what it answers. */

const magic = 0x62616c6e;
export const packetBytes = 64;
/** oneWay: sender and receiver are this process. */
export const kinds = { oneWay: 1, request: 2, reply: 3 } as const;

export interface ProbePacket {
  readonly kind: number;
  /** Of the process that sent it, so that another's are not taken for ours. */
  readonly nonce: number;
  readonly run: number;
  readonly pair: number;
  readonly seq: number;
  /** On the sender's monotonic clock. */
  readonly sentMs: number;
}

export function writePacket(into: Buffer, { kind, nonce, run, pair, seq, sentMs }: ProbePacket): void {
  into.writeUInt32LE(magic, 0);
  into.writeUInt32LE(kind, 4);
  into.writeUInt32LE(nonce, 8);
  into.writeUInt32LE(run, 12);
  into.writeUInt32LE(pair, 16);
  into.writeUInt32LE(seq, 20);
  into.writeDoubleLE(sentMs, 24);
}

/** undefined: it is no packet of a probe. */
export function readPacket(bytes: Buffer): ProbePacket | undefined {
  if (bytes.length !== packetBytes || bytes.readUInt32LE(0) !== magic) return undefined;
  return {
    kind: bytes.readUInt32LE(4),
    nonce: bytes.readUInt32LE(8),
    run: bytes.readUInt32LE(12),
    pair: bytes.readUInt32LE(16),
    seq: bytes.readUInt32LE(20),
    sentMs: bytes.readDoubleLE(24),
  };
}

/** Makes a request the reply to it. */
export const makeReply = (bytes: Buffer): void => void bytes.writeUInt32LE(kinds.reply, 4);
