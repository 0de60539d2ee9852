import type { Submission, TransactionFormat } from "../../contracts/load/submission.ts";

/** What transports need of a protocol. */
export interface SendingCode {
  readonly transactions: TransactionFormat;
  readonly submission: Submission;
}

/**
 * The same code, for use where replies are read and nobody could catch what it throws: that is told to `onError`, and
 * the reply counts as a rejection in a run that ends anyway.
 */
export function guarded(
  { transactions, submission }: SendingCode,
  onError: (error: unknown) => void,
): SendingCode {
  const { classify, isUsualAcceptance } = submission;
  const guard =
    <A, B, C, Answer>(code: (a: A, b: B, c: C) => Answer, otherwise: Answer) =>
    (a: A, b: B, c: C): Answer => {
      try {
        return code(a, b, c);
      } catch (error) {
        onError(error);
        return otherwise;
      }
    };
  return {
    transactions,
    submission: {
      ...submission,
      classify: guard(classify, { accepted: false, reason: "the protocol's own code failed" }),
      ...(isUsualAcceptance && { isUsualAcceptance: guard(isUsualAcceptance, false) }),
    },
  };
}
