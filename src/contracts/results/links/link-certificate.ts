/** Whether the emulated links of a run were as asked: in the run's own file, and link by link in links-<n>.json. */
import { type Of, record } from "../../../core/documents/form.ts";
import {
  amount,
  asPercent,
  choice,
  count,
  documentForm,
  flag,
  given,
  list,
  listIfAny,
  measured,
  natural,
  positive,
  text,
} from "../../../core/documents/form-values.ts";
import { groundForm } from "../../links/ground.ts";
import { shapeForm } from "../../links/shape.ts";
import { linkMechanisms } from "../../links/shaping.ts";

export const linkLimitsForm = record("Limits that links are judged by.", {
  delayMs: given(
    "Delay, before and after the run: difference of at most the greater of this, milliseconds, ...",
  ),
  delayRatio: asPercent("... and this share of the delay asked for, percent."),
  lossRatio: asPercent("Loss: difference of at most the greater of this, percentage points, ..."),
  lossShareRatio: asPercent(
    "... and this share of the loss asked for, percent, that its confidence interval excludes.",
  ),
  goodputRatio: asPercent(
    "Rate: difference of at most this, percent of the TCP payload that the rate has room for.",
  ),
  jitterRatio: asPercent("Spread of the delay: difference of at most this, percent."),
  duringMs: given("Echoes during the run: difference of at most the greater of this, milliseconds, ..."),
  duringRatio: asPercent("... and this share of the delay in force, percent."),
  earlyInRow: natural("Early echoes in a row on one link that break it, ..."),
  earlyRatio: asPercent("... or more than this share of its echoes, percent."),
  lateInRow: natural("Late or lost echoes in a row on one link that break it, ..."),
  lateRatio: asPercent("... or more than this share of its echoes, percent."),
  stallMs: given(
    "A shaper that lets a packet through this much after its due time stood still, milliseconds.",
  ),
  shaperMs: given("Lateness of the shaper: at most the greater of this, milliseconds, ..."),
  shaperRatio: asPercent("... and this share of the smallest delay asked for, percent."),
});
export interface LinkLimits extends Of<typeof linkLimitsForm> {}

const whens = ["before", "during", "after"] as const;

const failureForm = record("One failure.", {
  from: text("Name of the sender; omitted if it concerns all links.").optional(),
  to: text("Name of the receiver.").optional(),
  when: choice("When it was found: before, during or after the run.", whens),
  reason: text("What was wrong."),
});
export interface LinkFailure extends Of<typeof failureForm> {}

const wayForm = choice(
  "one-way: both ends are on one machine. round-trip: they are not, so that delays and losses are those of both directions together.",
  ["one-way", "round-trip"],
);

const manualChanges = count(
  "Changes that a person made on the dashboard while the run went on; timeline-<n>.yaml has them. Omitted if none.",
);

const rowForm = record("One link. Omitted: what was not asked for, or not measured.", {
  from: text("Name of the sender."),
  to: text("Name of the receiver."),
  way: wayForm,
  askedMs: amount("Delay asked for, milliseconds."),
  gotMs: amount("Median delay, milliseconds; mean if the jitter is pareto.").optional(),
  askedJitterMs: amount("Standard deviation asked for, milliseconds.").optional(),
  gotJitterMs: amount(
    "Spread: half of the distance from the 16th to the 84th percentile, scaled to a standard deviation, milliseconds.",
  ).optional(),
  askedLossRatio: asPercent("Loss asked for, percent.").optional(),
  gotLossRatio: asPercent("Loss measured, percent.").optional(),
  askedBps: amount("Payload of TCP that the rate asked for has room for, bits per second.").optional(),
  gotBps: amount("Payload of TCP that arrived, bits per second.").optional(),
  down: flag("It was to let nothing pass; omitted if it was not.").leftOutIf(false, (down) => !down),
  outsideRatio: asPercent("Largest error of these, percent of its tolerance; above 100 the link fails."),
});
/** What was asked of a link and what it did, before the run. */
export interface LinkRow extends Of<typeof rowForm> {}

export const linkCertificateForm = record(
  "Whether the emulated links were as asked, before, during and after the run; links-<n>.json has every link. Omitted if links were not emulated.",
  {
    name: text("Name of the links; omitted if they have none.").optional(),
    mechanism: choice("What shaped the links.", linkMechanisms),
    realTime: flag("Whether shapers had real-time priority; omitted for netem.").optional(),
    links: count("Directed links of the network."),
    measured: count("Links that were measured before the run."),
    sample: choice("Whether these were all links, or a seeded sample.", ["all", "sample"]),
    rates: record("Links with a rate; omitted if there were none.", {
      asked: count("Their number."),
      measured: count("Of these, measured."),
    }).optional(),
    worst: record("Largest differences before the run, got minus asked. Omitted: what was not measured.", {
      delayMs: measured("Delay, milliseconds.").optional(),
      delayRatio: asPercent("Delay, percent of what was asked for, where that was at least 1 ms.").optional(),
      jitterRatio: asPercent("Jitter, percent of what was asked for.").optional(),
      lossRatio: asPercent("Loss, percentage points.").optional(),
      goodputRatio: asPercent("Rate, percent of the payload that it has room for.").optional(),
    }),
    rows: list("The links with the largest errors: all up to 12 links, otherwise 5.", rowForm, { most: 12 }),
    during: record("Echoes over the links in the window, one a second over each.", {
      echoes: count("Echoes that were judged: both nodes were up."),
      early: count("Of these, arrived earlier than the limit allows, or over a link that was down."),
      late: count("Of these, arrived later than the limit allows, or not at all."),
    }),
    shaper: record("The shapers in the window; omitted if they report nothing, as netem does.", {
      lateP99Ms: amount(
        "How late packets were let through: median, weighted by packets, of the 99th percentiles of its seconds, milliseconds; omitted if there were no packets.",
      ).optional(),
      lateMaxMs: amount("Largest lateness, milliseconds.").optional(),
      lateLimitMs: amount("Limit of late_p99_ms, milliseconds."),
      packets: count("Packets let through."),
      lost: count("Packets dropped because of loss."),
      overflowed: count("Packets dropped because the queue of a rate was full."),
      cut: count("Packets dropped because the link was down."),
      kernelDropped: count("Packets dropped by the kernel because the shaper did not keep up."),
      cpuSecs: amount("CPU time, seconds."),
    }).optional(),
    moves: record("How links followed nodes that moved; omitted if none did.", {
      changes: count("Moments at which links changed."),
      lateP50Ms: measured(
        "From when a change was due until it was in force everywhere: median, milliseconds.",
      ),
      lateP99Ms: measured("99th percentile of it, milliseconds."),
      lateMaxMs: measured("Largest of it, milliseconds."),
      lateLimitMs: amount("Limit of late_p99_ms, milliseconds."),
    }).optional(),
    manualChanges: manualChanges.optional(),
    failures: listIfAny("Why links were not as asked; the first 20. One makes the run invalid.", failureForm),
    failedLinks: count("Links that failed; omitted if none did.").leftOutIf(0, (links) => links === 0),
    limits: linkLimitsForm,
  },
);
/** Sums up a `LinkProbes`, from which it follows. */
export interface LinkCertificate extends Of<typeof linkCertificateForm> {}

const probeForm = record(
  "What probes saw of a link. Delays in milliseconds; omitted if nothing arrived.",
  {
    sent: count("Packets."),
    received: count("Of these, arrived."),
    loss_percent: amount("Share of them that did not, percent.").derived(),
    p50Ms: amount("Median.").optional(),
    p95Ms: amount("95th percentile.").optional(),
    p99Ms: amount("99th percentile.").optional(),
    meanMs: amount("Mean.").optional(),
    stdDevMs: amount("Sample standard deviation (n - 1).").optional(),
    spreadMs: amount("Half of the distance from the 16th to the 84th percentile.").optional(),
    goodputBps: amount("Payload of TCP, bits per second; omitted if not measured.").optional(),
    repeated: flag("It failed at first and was measured again; omitted if not.").leftOutIf(
      false,
      (is) => !is,
    ),
  },
  {
    id: "probe",
    derive: ({ sent, received }) => ({
      loss_percent: Math.round((100_000 * Math.max(0, sent - received)) / Math.max(1, sent)) / 1000,
    }),
  },
);
/** Figures of one link from probes before or after a run. */
export interface ProbeFigures extends Of<typeof probeForm> {}

const changedForm = record("An echo while a change was in force, or under way.", {
  atSecs: measured("Which one: when it was sent."),
  lowMs: amount("Least delay that was in force while it was under way.").optional(),
  highMs: amount(
    "Largest delay that was in force; omitted, with the least one, if the link was down all the while.",
  ).optional(),
  mayBeLost: flag("Whether the link was down, or lost packets, for a part of that time."),
});

const echoesForm = record("Echoes in the window, one a second. Times are seconds since its start.", {
  atSecs: list("When those were sent that arrived.", measured("Seconds.")),
  delaysMs: list("Their delays, milliseconds.", amount("Milliseconds.")),
  lostAtSecs: list("When those were sent that did not.", measured("Seconds.")),
  changed: list("What was in force at each echo where that was not what the links ask for.", changedForm),
});
export interface LinkEchoes extends Of<typeof echoesForm> {}

const probedLinkForm = record("One direction of one pair of nodes.", {
  from: text("Name of the sender."),
  to: text("Name of the receiver."),
  way: wayForm,
  asked: shapeForm.as("What was asked for; of a round trip, of this direction."),
  askedBack: shapeForm.as("The other direction; of a round trip alone.").optional(),
  bareMs: amount(
    "Delay of the path before anything was shaped, median, milliseconds; omitted if unknown.",
  ).optional(),
  bareP99Ms: amount("The 99th percentile of it, milliseconds.").optional(),
  congestionControl: text(
    "Congestion control of the sender's TCP, such as bbr; omitted if unknown.",
  ).optional(),
  before: probeForm.as("Measured before the run.").optional(),
  during: echoesForm.optional(),
  after: probeForm.as("Measured after the run; omitted if a node was down then.").optional(),
});
export interface ProbedLinkRecord extends Of<typeof probedLinkForm> {}

const shaperSecondForm = record("What the shaper of one machine did in about a second.", {
  host: text("Name of the host; omitted for the machine that ran Baleen.").optional(),
  atSecs: measured("When it reported, seconds since the start of the window."),
  released: count("Packets let through."),
  lateP50Ms: amount("How late they were: median, milliseconds.").optional(),
  lateP99Ms: amount("99th percentile.").optional(),
  lateMaxMs: amount("Largest.").optional(),
  lost: count("Packets dropped because of loss."),
  overflowed: count("Packets dropped because the queue of a rate was full."),
  cut: count("Packets dropped because the link was down."),
  kernelDropped: count("Packets dropped by the kernel."),
  cpuMs: amount("CPU time, milliseconds."),
});
export interface ShaperSecond extends Of<typeof shaperSecondForm> {}

export const linkProbesSchema = "baleen.run-links/1";

export const linkProbesForm = documentForm(
  linkProbesSchema,
  "The emulated links of one run, as probes and shapers saw them: links-<n>.json in a bundle. Measured values are rounded to three decimals.",
  {
    benchmarkNumber: natural("Number of the run in its sweep, from 1."),
    name: text("Name of the links; omitted if they have none.").optional(),
    mechanism: choice("What shaped the links.", linkMechanisms),
    realTime: flag("Whether shapers had real-time priority; omitted for netem.").optional(),
    windowSecs: positive("Length of the measurement window, seconds."),
    underLoad: flag(
      "The nodes sent their load also while links were measured before and after the window; omitted if they did not.",
    ).leftOutIf(false, (is) => !is),
    linksOfNetwork: count("Directed links of the network."),
    ratedLinks: count("Of these, with a rate."),
    leastDelayMs: amount(
      "Smallest delay above 0 among them, milliseconds; omitted if none has one.",
    ).optional(),
    sample: choice("Whether all links were measured, or a seeded sample.", ["all", "sample"]),
    links: list("The measured links.", probedLinkForm),
    seconds: list("Seconds of the shapers in the window, in the order of their reports.", shaperSecondForm),
    ground: groundForm.optional(),
    manualChanges: manualChanges.optional(),
    troubles: list(
      "What kept links from being measured, or shapers from working.",
      record("One of them.", { when: choice("When it was found.", whens), reason: text("What it was.") }),
    ),
    limits: linkLimitsForm,
  },
);
/** All that was measured of a run's links; the certificate follows from it. */
export interface LinkProbes extends Of<typeof linkProbesForm> {}
