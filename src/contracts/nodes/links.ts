/** How the hosts of a network stand to the coordinator and to each other. What could not be measured is absent. */
import { type Of, record } from "../../core/documents/form.ts";
import { amount, flag, list, measured, text } from "../../core/documents/form-values.ts";

const hostLink = record("One host.", {
  name: text("Name of the host."),
  region: text("Label of its region, as configured.").optional(),
  clockOffsetMs: measured(
    "Its clock minus the coordinator's, milliseconds, within ± clock_error_ms.",
  ).optional(),
  clockErrorMs: amount("Largest error of clock_offset_ms, milliseconds.").optional(),
  coordinatorRttMs: amount("Round trip between coordinator and host, milliseconds.").optional(),
});

export interface HostLink extends Of<typeof hostLink> {}

const hostPair = record("One path.", {
  from: text("Name of the host that measured."),
  to: text("Name of the host that replied."),
  rttMs: amount("Round trip, milliseconds; omitted if it could not be measured.").optional(),
});

export interface HostPair extends Of<typeof hostPair> {}

const linkReport = record(
  "Clocks and round trips of the hosts at one moment. Values that could not be measured are omitted.",
  {
    hosts: list("Every host, as measured from the coordinator.", hostLink),
    pairs: list("The paths from one host to another.", hostPair),
  },
  { id: "links" },
);

export interface LinkReport extends Of<typeof linkReport> {}

const clock = record(
  "One reading of a host's clock.",
  {
    offsetMs: measured("The host's clock minus the coordinator's, milliseconds, within ± error_ms."),
    errorMs: amount("Largest error of offset_ms, milliseconds."),
  },
  { id: "clock" },
);

export const hostClockForm = record("The clock of one host, against the coordinator's.", {
  host: text("Name of the host.").keyed("name"),
  before: clock.as("Measured before the run.").optional(),
  after: clock.as("Measured after the run.").optional(),
  driftMs: measured("After minus before, milliseconds, within ± drift_error_ms.").optional(),
  driftErrorMs: amount("Largest error of drift_ms, milliseconds.").optional(),
  stepped: flag(
    "Whether the offsets differ by more than their errors and a drift of 500 ppm: the clock was set in between.",
  ).optional(),
  boundMs: amount(
    "Largest difference from the coordinator's clock, if the clock ran evenly between the two measurements; omitted if one is missing or the clock stepped.",
  ).optional(),
});

/** What is known of one host's clock over a run. Nothing is corrected by it. */
export interface ClockCertificate extends Of<typeof hostClockForm> {}

export const runLinksForm = record(
  "Clocks and round trips of the hosts, measured just before and after the run; omitted if the nodes share the coordinator's machine, or nothing could be measured.",
  {
    before: linkReport.as("Measured before the run's warm-up.").optional(),
    after: linkReport.as("Measured after the run's drain.").optional(),
    betweenSecs: amount("Seconds between the two measurements.").optional(),
    clocks: list(
      "Drift of each host's clock between both measurements; omitted if none could be read. No figure is corrected by it.",
      hostClockForm,
    )
      .ifKnown()
      .derived(),
  },
);

export interface RunLinks extends Of<typeof runLinksForm> {}

export const linkGapForm = record("One interruption.", {
  host: text("Name of the host."),
  lostSecs: measured("When the loss was noticed, seconds since the start of the window; negative before it."),
  lengthSecs: amount(
    "Seconds until the connection was re-established; omitted if it was not before the end of the run.",
  ).optional(),
  reason: text("Why it was lost, as the connection reported it."),
  givenUp: flag("Whether Baleen stopped trying, so that the host's state is unknown since then."),
});

/** A time without a connection to a host, as far as it fell into a run. */
export interface LinkGap extends Of<typeof linkGapForm> {}
