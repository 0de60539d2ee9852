import type { BodyTemplate } from "../../../contracts/load/submission.ts";

/** What stands around and between the transactions of one request. Texts are ASCII. */
export interface RequestForm {
  /** Before a body of so many bytes. @param path of the request, where all do not have the same */
  readonly head: (bodyBytes: number, path: string) => Buffer;
  readonly open: string;
  readonly separator: string;
  readonly close: string;
  /** Most transactions in one request. */
  readonly batchSize: number;
}

/** Bodies, and the head before each, as far as what differs has a fixed place. */
export interface RequestTemplate extends BodyTemplate {
  /** Of the request of sequence number 0, whose length all of them have. */
  readonly path: string;
}

/** What requests of any number of transactions look like. */
export class RequestShape {
  readonly batchSize: number;
  readonly patch: BodyTemplate["patch"];
  /** A whole one with as many transactions as there may be, behind the longest head. */
  readonly full: Buffer;
  /** Where its body begins. */
  readonly bodyOffset: number;
  readonly openBytes: number;
  readonly close: Buffer;
  /** What stands behind a transaction that is not the last. */
  readonly onward: Buffer;
  readonly #head: (bodyBytes: number) => Buffer;
  /** Of a body, beside its parts. */
  readonly #extraBytes: number;
  readonly #heads: (Buffer | undefined)[] = [];

  constructor({ open, separator, close, batchSize, head }: RequestForm, template: RequestTemplate) {
    this.batchSize = batchSize;
    this.patch = template.patch;
    this.#head = (bodyBytes) => head(bodyBytes, template.path);
    this.openBytes = open.length;
    this.close = Buffer.from(close);
    this.onward = Buffer.concat([Buffer.from(separator), template.bytes]);
    this.#extraBytes = open.length - separator.length + close.length;
    const longest = this.headOf(batchSize);
    this.bodyOffset = longest.length;
    const parts = Buffer.alloc(batchSize * this.onward.length, this.onward).subarray(separator.length);
    this.full = Buffer.concat([longest, Buffer.from(open), parts, this.close]);
  }

  bodyBytes(count: number): number {
    return count * this.onward.length + this.#extraBytes;
  }

  headOf(count: number): Buffer {
    this.#heads[count] ??= this.#head(this.bodyBytes(count));
    return this.#heads[count];
  }
}
