import type { Refusal } from "../../contracts/peer-tests/api.ts";
import type { Misfit } from "../../core/documents/check-form.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { BundleWriteError } from "../../results/bundle/write-error.ts";

/** A request about a test of peers cannot be served; nothing of it was kept. */
export class PeerTestError extends BaleenError {
  readonly refusal: Refusal;
  readonly misfits: readonly Misfit[];

  constructor(
    refusal: Refusal,
    message: string,
    { misfits = [], ...options }: { readonly misfits?: readonly Misfit[]; readonly cause?: unknown } = {},
  ) {
    super("peer-test", message, options);
    this.refusal = refusal;
    this.misfits = misfits;
  }
}

/** A bound was reached. @param noun "points": what there are at most `most` of */
export const limitReached = (noun: string, most: number, remedy: string) =>
  new PeerTestError("limit-reached", `There are at most ${most} ${noun}. ${remedy}`);

export const causedBy = (cause: unknown, refusal: Refusal, message: string) =>
  new PeerTestError(refusal, message, { cause });

/** Does what writes, and says of what fails that it could not be kept. */
export async function storing<T>(path: string, store: () => Promise<T> | T): Promise<T> {
  try {
    return await store();
  } catch (cause) {
    if (cause instanceof PeerTestError) throw cause;
    const reason = describeError(cause instanceof BundleWriteError ? cause.cause : cause);
    const message = `Cannot write ${path}: ${reason}. Fix this, and send the request again.`;
    throw causedBy(cause, "not-stored", message);
  }
}
