/** Passes on what shapers report of links to all listeners. */
import type { LinkShaping, ShapingSecond } from "../../contracts/links/shaping.ts";

export function openNews() {
  const seconds = new Set<(second: ShapingSecond) => void>();
  const failures = new Set<(why: string) => void>();
  const failed: string[] = [];
  const listen = <T>(listeners: Set<T>, listener: T) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const onSecond: LinkShaping["onSecond"] = (listener) => listen(seconds, listener);
  const onFailure: LinkShaping["onFailure"] = (listener) => {
    for (const why of failed) listener(why);
    return listen(failures, listener);
  };
  return {
    onSecond,
    onFailure,
    second: (second: ShapingSecond): void => {
      for (const listener of [...seconds]) listener(second);
    },
    failure: (why: string): void => {
      failed.push(why);
      for (const listener of [...failures]) listener(why);
    },
  };
}
