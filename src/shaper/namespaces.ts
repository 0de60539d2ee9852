import { closeSync, fstatSync, openSync } from "node:fs";
import type { ShaperPlace } from "../contracts/links/shaper.ts";
import { describeError } from "../core/errors.ts";
import { ShaperError } from "./error.ts";

/** A node whose network namespace, if it is here, is held open: its number cannot become another's meanwhile. */
export interface HeldPlace extends ShaperPlace {
  readonly namespace?: number | undefined;
}

/** From a container, paths outside /proc are found under the machine's root. */
const roots = ["", "/proc/1/root"];

/** @throws ShaperError where its network namespace is gone or closed to us */
export function hold(place: ShaperPlace): HeldPlace {
  const { namespacePath } = place;
  return namespacePath === undefined
    ? place
    : { ...place, namespace: openNamespace(place.name, namespacePath) };
}

export function letGo({ namespace }: HeldPlace): void {
  if (namespace !== undefined) closeSync(namespace);
}

export const isSameNamespace = (one: number, other: number): boolean =>
  fstatSync(one).ino === fstatSync(other).ino;

function openNamespace(name: string, path: string): number {
  let cause: unknown;
  for (const root of roots) {
    try {
      return openSync(`${root}${path}`, "r");
    } catch (error) {
      cause ??= error;
    }
  }
  const why = describeError(cause);
  throw new ShaperError(
    `Cannot open the network namespace ${path} of ${name}: ${why}. Check that ${name} runs.`,
    {
      cause,
    },
  );
}
