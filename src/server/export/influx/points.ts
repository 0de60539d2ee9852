import type { BaleenEvent } from "../../../contracts/events.ts";
import type { BoundedValue } from "../../../contracts/results/bounded.ts";
import { snakeCase } from "../../../core/keys.ts";
import { hostLoadColumns } from "../../../results/schema/csv.ts";
import { ledgerCells } from "../prometheus/run-metrics.ts";
import type { InfluxPoint } from "./line-protocol.ts";

type EventOf<Type extends BaleenEvent["type"]> = Extract<BaleenEvent, { readonly type: Type }>;
type Values = InfluxPoint["fields"];
type Tags = InfluxPoint["tags"];

/**
 * Makes points of a sweep's events, one after the other; the same events make the same points again. What tells runs,
 * nodes and machines apart stands in tags, and no two points of a series have one time.
 */
export class PointMaker {
  /** Of the sweep, and of its run. */
  #tags: Tags = {};
  #ofRun: Tags = {};
  #windowStartsAtMs: number | undefined;
  /** By series of the run: when its latest point was. */
  readonly #latest = new Map<string, number>();

  pointsOf(event: BaleenEvent): readonly InfluxPoint[] {
    switch (event.type) {
      case "sweep-started":
        this.#tags = { run: event.run, name: event.name ?? "", network: event.network };
        return [];
      case "run-created":
        this.#begin(event);
        return [];
      case "load-phase":
        this.#windowStartsAtMs = event.windowStartsAtMs ?? this.#windowStartsAtMs;
        return [this.#at(event, "baleen_phase", { phase: event.phase }, { entered: 1n })];
      case "load-second":
        return [this.#inSecond(event, "baleen_second", {}, secondFields(event))];
      case "routine-step":
        return [this.#inSecond(event, "baleen_routine_step", {}, stepFields(event))];
      case "machine-second":
        return this.#machine(event);
      case "fault": {
        const { node, action, stage, askedSecs, issuedSecs, effectiveSecs } = event;
        const fields = { asked_secs: askedSecs, issued_secs: issuedSecs, effective_secs: effectiveSecs };
        return [this.#at(event, "baleen_fault", { action, node, stage }, fields)];
      }
      case "link-change": {
        const { action, state, what, askedSecs, links } = event;
        const fields = { asked_secs: askedSecs, links: whole(links), what };
        return [this.#at(event, "baleen_link_change", { action, state }, fields)];
      }
      case "run-finished":
        return [this.#at(event, "baleen_run", {}, resultFields(event))];
      default:
        return [];
    }
  }

  #begin({ benchmarkNumber, loadTps }: EventOf<"run-created">): void {
    this.#ofRun = { ...this.#tags, benchmark: String(benchmarkNumber), load: String(loadTps) };
    this.#windowStartsAtMs = undefined;
    this.#latest.clear();
  }

  #machine(event: EventOf<"machine-second">): readonly InfluxPoint[] {
    const { host: machine, nodes = [] } = event;
    const figures = hostLoadColumns.filter((column) => column !== "second" && column !== "host");
    const fields = Object.fromEntries(figures.map((figure) => [snakeCase(figure), event[figure]]));
    return [
      this.#inSecond(event, "baleen_machine", { machine }, fields),
      ...nodes.map(({ node, cpuRatio, memoryBytes }) =>
        this.#inSecond(
          event,
          "baleen_node",
          { machine, node },
          { cpu_cores: cpuRatio, memory_bytes: memoryBytes },
        ),
      ),
    ];
  }

  /** At the start of its second; before anybody knows when the window starts, when it was told. */
  #inSecond(
    event: EventOf<"load-second" | "routine-step" | "machine-second">,
    measurement: string,
    tags: Tags,
    fields: Values,
  ): InfluxPoint {
    const startMs = this.#windowStartsAtMs;
    const atMs = startMs === undefined ? Date.parse(event.t) : Math.round(startMs + event.second * 1000);
    return this.#point({ measurement, tags, fields, atMs });
  }

  /** When it was told. */
  #at(event: BaleenEvent, measurement: string, tags: Tags, fields: Values): InfluxPoint {
    return this.#point({ measurement, tags, fields, atMs: Date.parse(event.t) });
  }

  #point({ measurement, tags: own, fields, atMs: wantedMs }: InfluxPoint): InfluxPoint {
    const key = JSON.stringify([measurement, own]);
    const tags = { ...this.#ofRun, ...own };
    // A later point of one time would take the place of the one before.
    const atMs = Math.max(wantedMs, (this.#latest.get(key) ?? Number.NEGATIVE_INFINITY) + 1);
    this.#latest.set(key, atMs);
    return { measurement, tags, fields, atMs };
  }
}

/** Counts; a field has the same type in all points. */
const whole = (value: number | undefined) =>
  value === undefined || !Number.isSafeInteger(value) ? undefined : BigInt(value);

function secondFields(event: EventOf<"load-second">): Values {
  return {
    due: whole(event.due),
    sent: whole(event.sent),
    acknowledged: whole(event.acknowledged),
    committed: whole(event.committed),
    failed: whole(event.failed),
    p50_ms: event.p50Ms,
    p99_ms: event.p99Ms,
    lateness_p99_ms: event.latenessP99Ms,
    loop_delay_max_ms: event.loopDelayMaxMs,
    generator_cpu_ratio: event.cpuRatio,
    gc_pause_ms: event.gcPauseMs,
  };
}

function stepFields(event: EventOf<"routine-step">): Values {
  return {
    peers: whole(event.peers),
    connections: event.connections,
    packets_sent_per_sec: event.sentPerSec,
    packets_received_per_sec: event.receivedPerSec,
    packets_relayed_per_sec: event.relayedPerSec,
    messages_delivered_per_sec: event.deliveredPerSec,
    ticks_per_sec: event.tickRateMeanPerSec,
    ticks_per_sec_least: event.tickRateLeastPerSec,
    timer_lateness_max_ms: event.timerLatenessMaxMs,
  };
}

function resultFields({ status, figures }: EventOf<"run-finished">): Values {
  const cells = ledgerCells(figures?.ledger).map(
    ([labels, count]) => [labels.map(([, value]) => value).join("_"), whole(count)] as const,
  );
  return {
    status,
    ...bounded("throughput", figures?.throughputTps),
    ...bounded("p50_ms", figures?.p50Ms),
    ...bounded("p99_ms", figures?.p99Ms),
    ...Object.fromEntries(cells),
  };
}

const bounded = (name: string, found: BoundedValue | undefined): Values =>
  found === undefined ? {} : { [found.atLeast ? `${name}_at_least` : name]: found.value };
