/** Sum, mean and extremes of a figure, as far as the seconds had it; each undefined where none did. */
export class Spread {
  count = 0;
  total: number | undefined;
  min: number | undefined;
  max: number | undefined;

  add(value: number | undefined): void {
    if (value === undefined) return;
    this.count++;
    this.total = (this.total ?? 0) + value;
    this.min = Math.min(this.min ?? value, value);
    this.max = Math.max(this.max ?? value, value);
  }

  get mean(): number | undefined {
    return this.total === undefined ? undefined : this.total / this.count;
  }
}
