/** How things look in words. */
import type { BoundedValue } from "../../contracts/results/bounded.ts";
import { formatBound, formatFigure, nothingSeen } from "../../results/report/text/figures.ts";
import type { RunDigest, RunState } from "../feed/run-state.ts";
import { element } from "./dom.ts";

export const figureOr = (value: number | undefined, unit = "") =>
  value === undefined ? nothingSeen : `${formatFigure(value)}${unit}`;

export const boundOr = (value: BoundedValue | undefined, unit = "") =>
  value === undefined ? nothingSeen : `${formatBound(value, formatFigure)}${unit}`;

export const count = (value: number) => value.toLocaleString("en-US");

/** "100 tx/s", "16 in flight" */
export const loadText = ({ loadTps, closedLoop }: Pick<RunDigest, "loadTps" | "closedLoop">) =>
  `${count(loadTps)} ${closedLoop === true ? "in flight" : "tx/s"}`;

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const times = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
export const dateOf = (t: string | undefined) => (t === undefined ? nothingSeen : dates.format(new Date(t)));
export const timeOf = (t: string) => times.format(new Date(t));

const statusClasses: Readonly<Record<string, string>> = {
  valid: "good",
  "generator-limited": "warn",
  invalid: "bad",
  "under way": "live",
  unfinished: "warn",
  "ended early": "warn",
  broken: "bad",
};

export const chip = (text: string, title?: string) =>
  element("span", { class: `chip ${statusClasses[text] ?? ""}`, title }, text);

/** "measuring 12 of 60 s" @param nowMs milliseconds since 1970 UTC */
export function phaseText(run: RunState, nowMs: number): string {
  const secs = Math.max(0, Math.floor((nowMs - Date.parse(run.phaseSince)) / 1000));
  switch (run.phase) {
    case "deploying":
      return `deploying, ${secs} s`;
    case "opening":
      return "opening the clients";
    case "warm-up":
      return "warming up";
    case "window": {
      const whole = run.windowSecs;
      return whole === undefined
        ? `measuring, ${secs} s`
        : `measuring ${Math.min(secs, Math.floor(whole))} of ${Math.round(whole)} s`;
    }
    case "drain":
      return `waiting for outstanding transactions, ${secs} s`;
    case "done":
      return "collecting";
    case "ended":
      return "finished";
  }
}
