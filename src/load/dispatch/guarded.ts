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
  const { isUsualAcceptance } = submission;
  return {
    transactions,
    submission: {
      ...submission,
      classify: (status, body, id) => {
        try {
          return submission.classify(status, body, id);
        } catch (error) {
          onError(error);
          return { accepted: false, reason: "the protocol's own code failed" };
        }
      },
      ...(isUsualAcceptance === undefined
        ? {}
        : {
            isUsualAcceptance: (bytes, range, id) => {
              try {
                return isUsualAcceptance(bytes, range, id);
              } catch (error) {
                onError(error);
                return false;
              }
            },
          }),
    },
  };
}
