/** What the client page reports of its peer at the end of a test, as the peer's results: which messages arrived, and when. */
import { type Of, record } from "../../core/documents/form.ts";
import { boundedTable, count, digits, given, list, text } from "../../core/documents/form-values.ts";
import { kindNames, mostKinds } from "./bounds.ts";

const kindForm = record("Messages of one kind.", {
  sent: count("Messages that the routine sent."),
  delivered: count("Messages of other peers that arrived, each counted once."),
  repeated: count("Further copies of these that the library handed over."),
});

const latencyForm = record(
  "From the sending of each message to its first arrival here, by the clocks of the two browsers; omitted if none arrived.",
  {
    count: count("Messages."),
    sumUs: digits("Sum of the latencies, whole microseconds as decimal digits.").keyed("sumUs"),
    sumOfSquaresUs: digits("Sum of their squares.").keyed("sumOfSquaresUs"),
    minUs: count("Smallest, microseconds.").keyed("minUs"),
    maxUs: count("Largest, microseconds.").keyed("maxUs"),
    buckets: list(
      "Buckets of an HdrHistogram with three digits that are in use.",
      list("Smallest value of the bucket, microseconds, and number of messages in it.", count("Of both."), {
        fewest: 2,
        most: 2,
      }),
      { most: 40_000 },
    ),
  },
);

export const peerRecordForm = record("What a peer reports of its messages when its test ends.", {
  routine: text("Name of its routine."),
  elapsedMs: given("Length of the test here, milliseconds.").keyed("elapsedMs"),
  sent: count("Messages that the routine sent."),
  refused: count("Those of them that the library refused."),
  delivered: count("Messages of other peers that arrived, each counted once."),
  repeated: count("Further copies of these that the library handed over."),
  early: count(
    "First arrivals that are earlier than the sending, by the two clocks; they are not part of the latency.",
  ),
  kinds: boundedTable("The same by kind of message.", kindForm, {
    names: kindNames,
    expectedName: "a name of 1 to 64 letters, digits, _ and -",
    most: mostKinds,
  }),
  latency: latencyForm.optional(),
});

export interface PeerRecord extends Of<typeof peerRecordForm> {}
