import type { SweepParameters } from "../../contracts/parameters.ts";
import { present } from "../../core/documents/numbers.ts";
import type { ParameterReader } from "./given.ts";

/** What the runs are called. */
export const readLabels = ({ take }: ParameterReader): Pick<SweepParameters, "name" | "tags"> =>
  present({ name: take("name", undefined), tags: take("tag", undefined) });
