/** undefined where none is known. */
export function largest(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((most, value) => {
    if (value === undefined) return most;
    return most === undefined || value > most ? value : most;
  }, undefined);
}
