/** Arithmetic of measurements. Pure. */

/** The middle of the values; of an even number, the mean of the two in the middle. @param {readonly number[]} values */
export function median(values) {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The value that this share of all values does not exceed. @param {readonly number[]} values @param {number} share 0 to 1 */
export function percentile(values, share) {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/**
 * What was measured, by name, one sample for each round.
 * @typedef {Record<string, number>} Sample
 */
export class Book {
  /** @type {Map<string, Sample[]>} */
  #samples = new Map();
  /** @type {Map<string, string>} */
  #missing = new Map();

  /** @param {string} name @param {Sample} sample */
  add(name, sample) {
    this.#samples.set(name, [...(this.#samples.get(name) ?? []), sample]);
  }

  /** Says why something was not measured; what starts with the name is meant too. @param {string} name @param {string} reason */
  miss(name, reason) {
    this.#missing.set(name, reason);
  }

  has(name) {
    return this.#samples.has(name);
  }

  /** Why there is no such measurement, or undefined when it was simply not asked for. @param {string} name */
  reason(name) {
    return [...this.#missing].find(([missed]) => name === missed || name.startsWith(`${missed}.`))?.[1];
  }

  /** Median over the rounds; undefined when it was not measured. @param {string} name @param {string} field */
  value(name, field) {
    const values = this.#values(name, field);
    return values.length === 0 ? undefined : median(values);
  }

  /**
   * How many times one is the other: the median of the ratios of each round where both have the same rounds, because a machine
   * drifts from round to round; else the ratio of the medians. Undefined when one of them was not measured.
   */
  ratio(name, base, field = 'perSecond', baseField = field) {
    const [above, below] = [this.#values(name, field), this.#values(base, baseField)];
    if (above.length === 0 || below.length === 0) return undefined;
    return above.length === below.length
      ? median(above.map((value, round) => value / below[round]))
      : median(above) / median(below);
  }

  /** The name with the highest median among those measured. @param {readonly string[]} names */
  best(names, field = 'perSecond') {
    const measured = names.filter((name) => this.value(name, field) !== undefined);
    return measured.sort((a, b) => this.value(b, field) - this.value(a, field))[0];
  }

  #values(name, field) {
    return (this.#samples.get(name) ?? []).map((sample) => sample[field]).filter((value) => value !== undefined);
  }
}
