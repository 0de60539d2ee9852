import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writevSync,
} from "node:fs";
import { dirname } from "node:path";
import { readUint64, uint64 } from "../engine/consensus/bytes.ts";
import type { Disk } from "./disk-sync.ts";
import { attempt, inability, type LogError } from "./error.ts";
import { buildRecordHead, readRecord } from "./record.ts";

export interface OwnRoundsOptions {
  /** Network and authority: what another validator reserved counts nothing. */
  readonly owner: Buffer;
  /** Names this run of the machine; undefined where the system does not tell. */
  readonly boot: string | undefined;
  /** Whether each own block is forced to the disk with the log before it is sent. */
  readonly isLogForced: boolean;
  readonly disk: Disk;
  /** A round for which `reserve` said no may be signed now. */
  readonly reserved: () => void;
  readonly failed: (error: LogError) => void;
}

/** Rounds reserved at a time: seconds' worth of them, so that the disk has little to do. */
export const roundsAhead = 256;

/**
 * The file's pages. Reservations take the first two in turn: a crash while one is written leaves the other. The third
 * holds the last signed round; it is never forced to the disk, and so counts only while the machine runs on.
 */
const pageBytes = 4096;
const lastPage = 2;
const fileBytes = 3 * pageBytes;

/** Where the part of the file begins that is never forced to the disk. */
export const unforcedOffset = lastPage * pageBytes;

const tags = { reservation: 1, last: 2 } as const;

/** No round above it was signed before it was on the disk. */
interface Reservation {
  readonly round: number;
  /** The newer of two has the higher one. */
  readonly sequence: number;
  /** Whether the log was forced to the disk with every own block meanwhile. */
  readonly isLogForced: boolean;
}

/**
 * Keeps in a file of its own how far the rounds of the own blocks may have gone, so that no round is signed twice, also
 * where a crash of the machine took the end of the log. Rounds are reserved on the disk in steps, ahead of their use: a
 * block costs no sync.
 */
export class OwnRounds implements Disposable {
  readonly #path: string;
  readonly #options: OwnRoundsOptions;
  readonly #file: number;
  /** The newest reservation of the former lives; rounds count as reserved only once this life has reserved them. */
  #reservation: Reservation | undefined;
  #former: number | undefined;
  /** Highest round signed in this life, 0 before the first. */
  #last = 0;
  #through = 0;
  #sequence: number;
  #isReserving = false;
  #isClosed = false;

  /** @throws LogError where the file cannot be read or made */
  constructor(path: string, options: OwnRoundsOptions) {
    this.#path = path;
    this.#options = options;
    this.#file = attempt(path, "opened", () => openFile(path));
    const read = (page: number, tag: number) => readPage(this.#file, page, tag, options.owner);
    const found = attempt(path, "read", () => ({
      reservations: [0, 1].flatMap((page) => decodeReservation(read(page, tags.reservation)) ?? []),
      last: read(lastPage, tags.last),
    }));
    this.#reservation = found.reservations.sort((a, b) => b.sequence - a.sequence)[0];
    this.#sequence = this.#reservation?.sequence ?? 0;
    this.#former = lastOf(found.last, options.boot) ?? this.#reservation?.round;
  }

  /** No own block of a higher round was ever sent; undefined where that is not known. */
  get highest(): number | undefined {
    return this.#last > 0 ? this.#last : this.#former;
  }

  /**
   * Tells how far the own blocks in the log go. It holds all of them where each was forced to the disk with it, and
   * none was lost since.
   *
   * @throws LogError
   */
  recovered(lastRound: number, isLogDamaged: boolean): void {
    if (this.#former === undefined || lastRound >= this.#former || !this.#reservation?.isLogForced) return;
    if (lastRound > 0 && !isLogDamaged) this.#former = lastRound;
    else this.#writeNow({ ...this.#reservation, isLogForced: false });
  }

  /** Whether a block of a round may be signed; if not, `reserved` is called once it may. Call it in ascending order. */
  reserve(round: number): boolean {
    if (this.#through - round < roundsAhead / 2 && !this.#isReserving) this.#reserveAhead(round);
    return round <= this.#through;
  }

  /** Tells of a round before its block is sent. */
  signed(round: number): void {
    this.#last = round;
    this.#writeLast(round);
  }

  /** Reserves no more than what was signed: the next life then knows where it stands, whatever comes. */
  settle(): void {
    if (this.#last === 0 || this.#isReserving) return;
    this.#writeNow({ round: this.#last, isLogForced: this.#options.isLogForced });
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isReserving) closeSync(this.#file);
  }

  #reserveAhead(round: number): void {
    const { disk, isLogForced, reserved, failed } = this.#options;
    const through = round + roundsAhead;
    // Whoever may sign this round has signed none from it on.
    this.#writeLast(this.#last || round - 1);
    this.#write({ round: through, isLogForced });
    this.#isReserving = true;
    disk.syncSoon(this.#file, (error) => {
      this.#isReserving = false;
      if (this.#isClosed) {
        closeSync(this.#file);
        return;
      }
      if (error !== null) {
        failed(inability(this.#path, "forced to the disk", error));
        return;
      }
      this.#through = through;
      reserved();
    });
  }

  #writeNow(reservation: Omit<Reservation, "sequence">): void {
    this.#write(reservation);
    attempt(this.#path, "forced to the disk", () => this.#options.disk.sync(this.#file));
  }

  #write({ round, isLogForced }: Omit<Reservation, "sequence">): void {
    const sequence = ++this.#sequence;
    const content = [uint64(round), uint64(sequence), Buffer.of(isLogForced ? 1 : 0)];
    this.#writePage(sequence % 2, tags.reservation, content);
  }

  #writeLast(round: number): void {
    const { boot } = this.#options;
    if (boot !== undefined) this.#writePage(lastPage, tags.last, [uint64(round), Buffer.from(boot)]);
  }

  #writePage(page: number, tag: number, content: readonly Buffer[]): void {
    const parts = [this.#options.owner, ...content];
    const bytes = [buildRecordHead(tag, parts), ...parts];
    attempt(this.#path, "written", () => writevSync(this.#file, bytes, page * pageBytes));
  }
}

/** Names this run of the machine, and with it what the system keeps in memory; undefined where only Linux tells. */
export function readBoot(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Opens the file; a new one is on the disk with all its pages, so that no later write has to wait for more than itself. */
function openFile(path: string): number {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  const empty = Buffer.alloc(1);
  if (readSync(file, empty, 0, 1, fileBytes - 1) > 0) return file;
  ftruncateSync(file, fileBytes);
  fsyncSync(file);
  const folder = openSync(dirname(path), "r");
  try {
    fdatasyncSync(folder);
  } finally {
    closeSync(folder);
  }
  return file;
}

/** What a page holds behind the owner; undefined where it is another one's, or holds nothing whole. */
function readPage(file: number, page: number, tag: number, owner: Buffer): Buffer | undefined {
  const bytes = Buffer.alloc(pageBytes);
  const record = readRecord(bytes.subarray(0, readSync(file, bytes, 0, pageBytes, page * pageBytes)), 0);
  const isOwn = record?.tag === tag && record.payload.subarray(0, owner.length).equals(owner);
  return isOwn ? record.payload.subarray(owner.length) : undefined;
}

function decodeReservation(content: Buffer | undefined): Reservation | undefined {
  if (content?.length !== 17) return undefined;
  const [round, sequence] = [readUint64(content, 0), readUint64(content, 8)];
  if (round === undefined || sequence === undefined) return undefined;
  return { round, sequence, isLogForced: content.readUInt8(16) === 1 };
}

/** The last signed round, where the machine has run on since it was written. */
function lastOf(content: Buffer | undefined, boot: string | undefined): number | undefined {
  if (content === undefined || content.length < 8 || boot === undefined) return undefined;
  return content.toString("utf8", 8) === boot ? readUint64(content, 0) : undefined;
}
