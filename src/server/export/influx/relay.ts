import type { BaleenEvent } from "../../../contracts/events.ts";
import type { EventRelay, RelayReport } from "../../../contracts/results/relay.ts";
import { PointRelay, type RelayLimits } from "./point-relay.ts";
import { PointMaker } from "./points.ts";
import type { InfluxTarget } from "./target.ts";

/** Writes a sweep's points to a database while it goes on. */
export class InfluxRelay implements EventRelay {
  readonly #relay: PointRelay;
  readonly #points = new PointMaker();

  constructor(target: InfluxTarget, limits: RelayLimits = {}) {
    this.#relay = new PointRelay(target, limits);
  }

  readonly observe = (event: BaleenEvent): void => {
    this.#relay.push(this.#points.pointsOf(event));
  };

  finish(): Promise<RelayReport> {
    return this.#relay.finish();
  }
}
