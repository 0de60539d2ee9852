/** Sum, mean and extremes of a figure, as far as the seconds had it; each undefined where none did. */
export class Spread {
  count = 0;
  #sum = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  add(value: number | undefined): void {
    if (value === undefined) return;
    this.count++;
    this.#sum += value;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  total(): number | undefined {
    return this.#unlessEmpty(this.#sum);
  }

  mean(): number | undefined {
    return this.#unlessEmpty(this.#sum / this.count);
  }

  min(): number | undefined {
    return this.#unlessEmpty(this.#least);
  }

  max(): number | undefined {
    return this.#unlessEmpty(this.#most);
  }

  #unlessEmpty(figure: number): number | undefined {
    return this.count === 0 ? undefined : figure;
  }
}
