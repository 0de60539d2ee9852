/** The checkpoints that a validator can give to others, ascending by height. */
export interface CheckpointSource {
  /** The height that the retained history begins after: 0 where it is all there. */
  readonly oldestHeight: () => number;
  readonly list: () => readonly CheckpointSummary[];
  /** The encoded checkpoint of a height in `list`; undefined where it is not there any more. */
  readonly read: (height: number) => Buffer | undefined;
}

/** What names a checkpoint. */
export interface CheckpointSummary {
  readonly height: number;
  /** `stateHash` of the encoded checkpoint, 32 bytes: the same on all honest validators. */
  readonly stateHash: Buffer;
  readonly sizeBytes: number;
}
