/** As Go writes a floating-point number, with ".0" behind whole ones: what Prometheus makes of `le` and `quantile`. */
export function canonicalBound(text: string): string {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return text;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
