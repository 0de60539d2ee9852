/** What was done to links on purpose while a run went on, and what became of it. */
import { type Of, record } from "../../../core/documents/form.ts";
import { amount, choice, count, flag, measured, text } from "../../../core/documents/form-values.ts";
import { linkActions } from "../../links/timeline.ts";

export const linkChangeForm = record(
  "One change of links. Times are seconds since the start of the window.",
  {
    action: choice("What the timeline did; heal at the end of the window too.", linkActions),
    what: text("The links, for people: node0, node1 | node2, node3."),
    stage: choice(
      "begin: the action set in. end: it was undone, or a ramp reached its last value. step: a value between; listed only if it failed.",
      ["begin", "step", "end"],
    ),
    isManual: flag("A person did it on the dashboard while the run went on; omitted if the timeline did.")
      .keyed("manual")
      .optional(),
    askedSecs: amount("Scheduled time, seconds."),
    issuedSecs: measured("When it was issued, seconds; omitted if it never was.").optional(),
    effectiveSecs: measured(
      "When the last machine confirmed it, seconds; omitted if one did not.",
    ).optional(),
    links: count("Directed links that it changed."),
    firstCommitSecs: measured(
      "When a new height was first observed at any node after it took effect, seconds; omitted if none was observed.",
    ).optional(),
    failure: text("Why it was not carried out; omitted if it was. It makes the run invalid.").optional(),
  },
);

/** A change, and when the committee was next seen to commit. */
export interface LinkChangeOutcome extends Of<typeof linkChangeForm> {}

export interface LinkChangeRecord extends Omit<LinkChangeOutcome, "firstCommitSecs"> {}
