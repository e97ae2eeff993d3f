/** What a series of measurements does in the long run, told apart from how it jumps about. */

/** Student's t for 95 % and many measurements. */
const T95 = 2;
const HOUR_MS = 3_600_000;

/**
 * The straight line through the measurements by least squares: how much they rise in an hour, and between which two values that lies with
 * 95 % confidence.
 * @param {readonly { atMs: number, value: number }[]} samples at least three, of different times
 */
export function trendOf(samples) {
  const { length: n } = samples;
  if (n < 3) throw new Error('a trend needs at least three measurements');
  const hours = samples.map(({ atMs }) => atMs / HOUR_MS);
  const values = samples.map(({ value }) => value);
  const [meanTime, meanValue] = [mean(hours), mean(values)];
  const spread = sum(hours.map((hour) => (hour - meanTime) ** 2));
  if (spread === 0) throw new Error('a trend needs measurements of different times');
  const perHour = sum(hours.map((hour, i) => (hour - meanTime) * (values[i] - meanValue))) / spread;
  const misses = sum(values.map((value, i) => (value - meanValue - perHour * (hours[i] - meanTime)) ** 2));
  const doubt = T95 * Math.sqrt(misses / (n - 2) / spread);
  return { perHour, low: perHour - doubt, high: perHour + doubt, mean: meanValue };
}

/**
 * `growing` when the trend is above the limit for certain, `flat` when it is below it for certain, else `unclear`: measure longer.
 * @param {{ low: number, high: number }} trend @param {number} limit rise in an hour that is tolerated
 */
export function verdictOf({ low, high }, limit) {
  if (low > limit) return 'growing';
  return high <= limit ? 'flat' : 'unclear';
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const mean = (numbers) => sum(numbers) / numbers.length;
