/** What stands before each message, so that its receiver knows whether and how late it came. Little-endian. Pure. */

export interface Envelope {
  /** Of this sender, from 0; after 2^32 - 1, it begins again. */
  readonly sequence: number;
  /** Milliseconds since 1970, by the sender's clock. */
  readonly sentAtMs: number;
}

/** Number and time. */
export const envelopeBytes = 12;

export function seal({ sequence, sentAtMs }: Envelope, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(envelopeBytes + payload.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, sequence, true);
  view.setFloat64(4, sentAtMs, true);
  message.set(payload, envelopeBytes);
  return message;
}

/** @returns undefined where no client page has sent it */
export function unseal(message: Uint8Array): (Envelope & { readonly payload: Uint8Array }) | undefined {
  if (message.length < envelopeBytes) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const sentAtMs = view.getFloat64(4, true);
  if (!(sentAtMs >= 0)) return undefined;
  return { sequence: view.getUint32(0, true), sentAtMs, payload: message.subarray(envelopeBytes) };
}
