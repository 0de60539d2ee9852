/** What the relay is asked beside what every shaper is asked (contracts/links/shaper.ts), checked on both sides. */
import { changeForm, linkFields, portForm } from "../../../contracts/links/shaper.ts";
import { type Of, record } from "../../../core/documents/form.ts";
import { choice, constant, list, text } from "../../../core/documents/form-values.ts";

const planes = ["rpc", "peer", "metrics"] as const;

/** The first line on its standard input. */
export const relayOpenForm = record("Links that are to be carried, and where.", {
  type: constant("Kind of the line.", "open-relay"),
  id: text("Name of the command in its reply."),
  seed: text("Seed of all random numbers."),
  links: list("All links.", changeForm),
  hops: list(
    "Ways from one node to a port of another one.",
    record("A way.", {
      ...linkFields,
      plane: choice("What listens there.", planes),
      port: portForm("TCP port of the receiver, on 127.0.0.1."),
    }),
  ),
});
export type RelayOpen = Of<typeof relayOpenForm>;

/** Its reply. */
export const relayOpenedForm = record("All hops listen.", {
  type: constant("Kind of the line.", "relay-opened"),
  id: text("Name of the command."),
  hops: list(
    "The ways.",
    record("A way.", {
      ...linkFields,
      plane: choice("What listens there.", planes),
      port: portForm("TCP port of the relay, on 127.0.0.1, that leads there."),
    }),
  ),
});
export type RelayOpened = Of<typeof relayOpenedForm>;
