/** What a simulated peer does, and what a routine needs of one. */

/** x, y and z in metres. */
export type Position = readonly [number, number, number];

/** A sort of message. The library may drop late messages of a sort that is not reliable. */
export interface MessageKind {
  readonly name: string;
  readonly isReliable: boolean;
}

export interface SimulatedPeer {
  readonly id: string;
  /** A routine moves the peer by setting this. */
  position: Position;
  /** Sends to all in the room. */
  send(kind: MessageKind, payload: Uint8Array): void;
}

/**
 * Called about 60 times a second.
 *
 * @param elapsed milliseconds since the test began
 * @param delta milliseconds since the call before
 */
export type Routine = (elapsed: number, delta: number, peer: SimulatedPeer) => void;

export interface RoutineOptions {
  /** Messages a second that the peer is to send; undefined: as many as the routine usually does. */
  readonly messagesPerSec?: number | undefined;
}

/**
 * Makes the routine of one peer, with its own state. What a routine's module exports as `createRoutine`; it may pass over
 * the options.
 */
export type CreateRoutine = (peer: SimulatedPeer, options: RoutineOptions) => Routine;
