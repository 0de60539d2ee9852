import { type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { uint16 } from "../engine/consensus/bytes.ts";
import {
  type ConsensusParameters,
  describeDifference,
  formatParameters,
} from "../engine/consensus/parameters.ts";
import { buildFrame, type Frame, PeerViolationError } from "../engine/sync/frames.ts";
import { frameTypes } from "../engine/sync/messages.ts";

/** Who this validator is to the others of its network. */
export interface Identity {
  /** Hash of the genesis: both sides must have the same. */
  readonly network: Buffer;
  /** Both sides must have the same. */
  readonly parameters: ConsensusParameters;
  readonly authority: number;
  readonly privateKey: KeyObject;
  /** By authority. */
  readonly publicKeys: readonly KeyObject[];
}

/** Largest frame before the other side is known. */
export const largestHandshakeBytes = 512;

const nonceBytes = 32;
const helloHeadBytes = 34 + nonceBytes;
const domain = Buffer.from("baleen/mysticeti/hello/2\0");

/**
 * Both sides say hello {network, authority, nonce, parameters} and prove it by signing both authorities and both nonces.
 * A state machine without I/O: frames in, frames out.
 */
export class Handshake {
  readonly #identity: Identity;
  readonly #refusal: (authority: number) => string | undefined;
  readonly #nonce = randomBytes(nonceBytes);
  #peer: { readonly authority: number; readonly nonce: Buffer } | undefined;

  /** @param refusal why this authority may not be at the other end, if it may not */
  constructor(identity: Identity, refusal: (authority: number) => string | undefined) {
    this.#identity = identity;
    this.#refusal = refusal;
  }

  /** Whether the other side has. */
  get saidHello(): boolean {
    return this.#peer !== undefined;
  }

  hello(): Uint8Array[] {
    const { network, authority, parameters } = this.#identity;
    const text = Buffer.from(formatParameters(parameters), "latin1");
    return buildFrame(frameTypes.hello, network, uint16(authority), this.#nonce, text);
  }

  /**
   * Takes the other side's next frame.
   *
   * @returns a frame to send, or who the other side is, which ends the handshake
   * @throws PeerViolationError
   */
  take({ type, payload }: Frame): { readonly reply: Uint8Array[] } | { readonly authority: number } {
    if (this.#peer === undefined) {
      if (type !== frameTypes.hello || payload.length < helloHeadBytes) {
        throw new PeerViolationError("it did not send a hello");
      }
      return { reply: this.#takeHello(payload) };
    }
    const { authority, nonce } = this.#peer;
    const key = this.#identity.publicKeys[authority];
    const claim = this.#claim(authority, this.#identity.authority, [this.#nonce, nonce]);
    if (type !== frameTypes.proof || key === undefined || !verify(null, claim, key, payload)) {
      throw new PeerViolationError(`it could not prove to be validator ${authority}`);
    }
    return { authority };
  }

  #takeHello(payload: Buffer): Uint8Array[] {
    if (!payload.subarray(0, 32).equals(this.#identity.network)) {
      throw new PeerViolationError("it belongs to another network (the genesis differs)");
    }
    const authority = payload.readUInt16BE(32);
    const difference = describeDifference(
      payload.toString("latin1", helloHeadBytes),
      this.#identity.parameters,
    );
    if (difference !== undefined) {
      const reason = `it says it is validator ${authority}, and its consensus parameters differ: ${difference}`;
      throw new PeerViolationError(`${reason}. Give all validators the same.`);
    }
    const refusal = this.#refusal(authority);
    if (refusal !== undefined) throw new PeerViolationError(`it is validator ${authority}, ${refusal}`);
    this.#peer = { authority, nonce: Buffer.from(payload.subarray(34, helloHeadBytes)) };
    const claim = this.#claim(this.#identity.authority, authority, [this.#peer.nonce, this.#nonce]);
    return buildFrame(frameTypes.proof, sign(null, claim, this.#identity.privateKey));
  }

  /** What `prover` signs for `verifier`: the verifier's nonce comes first. */
  #claim(prover: number, verifier: number, nonces: readonly [Buffer, Buffer]): Buffer {
    return Buffer.concat([domain, this.#identity.network, uint16(prover), uint16(verifier), ...nonces]);
  }
}
