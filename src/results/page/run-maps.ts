/** Maps of a run at its moments: before and after its handovers, or at the start, in the middle and at the end. */
import type { FlowFigures } from "../../contracts/results/native/flows.ts";
import { listIn } from "../../core/documents/loose.ts";
import { isNative } from "../../metrics/stats/run-metrics.ts";
import { mapPicture } from "../charts/map/draw.ts";
import type { RunView, SweepView } from "../charts/view.ts";
import { type Html, html } from "./html.ts";
import { openScenes } from "./scenes.ts";

/** The shapes of more links take seconds to work out. */
const mostNodes = 12;

interface Moment {
  readonly atSecs: number;
  readonly what: string;
}

/** undefined where nodes have no positions, and no way of a flow changed. */
export function runMaps(
  { run, links, timeline }: RunView,
  { parameters }: Pick<SweepView, "parameters">,
): Html | undefined {
  const ground = links?.ground;
  if (ground === undefined || ground.nodes.length > mostNodes) return undefined;
  const entries = timeline ?? listIn(parameters.timeline, "entries");
  const scenes = openScenes({ run, links: parameters.links, entries, nodes: ground.nodes });
  if ("problem" in scenes) return undefined;
  const flows = isNative(run) ? run.figures.flows : undefined;
  const moments = momentsOf(flows, run.parameters.durationSecs);
  return html`<h3>Map</h3><div class="charts">${moments.map(
    ({ atSecs, what }) =>
      html`<figure>${mapPicture(scenes.sceneAt(atSecs))}<figcaption>${what}, ${atSecs.toFixed(1)} s into the window</figcaption></figure>`,
  )}</div>`;
}

function momentsOf(flows: FlowFigures | undefined, windowSecs: number): readonly Moment[] {
  const handover = flows?.handovers.find(({ switchedSecs }) => switchedSecs !== undefined);
  const [start, end] = [
    { atSecs: 0, what: "At the start" },
    { atSecs: windowSecs, what: "At the end" },
  ];
  if (handover?.switchedSecs === undefined) {
    return [start, { atSecs: windowSecs / 2, what: "In the middle" }, end];
  }
  const { flow, leftSecs, switchedSecs } = handover;
  return [
    start,
    { atSecs: Math.max(0, Math.min(leftSecs, switchedSecs) - 0.001), what: `Before the handover of ${flow}` },
    { atSecs: switchedSecs, what: `After it` },
    end,
  ];
}
