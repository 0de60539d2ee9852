/**
 * JSON for people. Parsing takes any depth, and writing does not: what is nested too deep is said to be so, so that no
 * reply of a node can end a run.
 */
export function showJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "nothing";
  } catch (error) {
    if (error instanceof RangeError) return "nested too deep";
    throw error;
  }
}
