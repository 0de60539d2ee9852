/**
 * What became of the transactions of a test's load, by sequence number: who acknowledged each, and how often it was
 * committed. A few bytes for each, so that an hour fits.
 */
export class LoadLedger {
  /** Sequence number → authority of the node that acknowledged it. */
  readonly #acknowledged = new Map<number, number>();
  readonly #committed = new Set<number>();
  #acknowledgements = 0;
  #commits = 0;

  /** Transactions that a node took. */
  get acknowledgements(): number {
    return this.#acknowledgements;
  }

  /** Different transactions committed. */
  get commits(): number {
    return this.#commits;
  }

  acknowledge(sequence: number, authority: number): void {
    this.#acknowledgements++;
    if (!this.#committed.has(sequence)) this.#acknowledged.set(sequence, authority);
  }

  /** Notes a commit. Returns false where the transaction had been committed before. */
  commit(sequence: number): boolean {
    if (this.#committed.has(sequence)) return false;
    this.#commits++;
    this.#committed.add(sequence);
    this.#acknowledged.delete(sequence);
    return true;
  }

  /** Transactions that one of these nodes acknowledged and nobody has committed. */
  missing(authorities: readonly number[]): number[] {
    return [...this.#acknowledged]
      .filter(([, authority]) => authorities.includes(authority))
      .map(([sequence]) => sequence);
  }
}

/** A transaction of exactly this many bytes that tells its sequence number. */
export function formatTransaction(sequence: number, sizeBytes: number): Buffer {
  return Buffer.from(`live ${sequence} `.padEnd(sizeBytes, "."));
}

/** The sequence number in a transaction; undefined for another's. */
export function parseTransaction(transaction: Buffer): number | undefined {
  const found = /^live (\d+) /.exec(transaction.toString("latin1", 0, 32));
  return found === null ? undefined : Number(found[1]);
}
