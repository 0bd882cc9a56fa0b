// Owns the numbers that a series of times is told in: median, percentiles, and the ratio of two medians with its spread.
// Must not know what was measured. Nothing is dropped: an outlier is a measurement.

/** A series in a few numbers; all in the unit of the series. */
export interface Summary {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly minimum: number;
}

/** A ratio of medians with the ends of its 95 % interval. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/** The value below which a share of the series lies, interpolated between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Median, tenth and ninetieth percentile, and the least. */
export function summarize(values: readonly number[]): Summary {
  return {
    median: quantile(values, 0.5),
    p10: quantile(values, 0.1),
    p90: quantile(values, 0.9),
    minimum: quantile(values, 0),
  };
}

/**
 * The ratio of two medians. The interval is a bootstrap over pairs: both series are drawn at the same places, so that what
 * slowed both runs of a pair does not widen it.
 */
export function ratioOfMedians(ours: readonly number[], theirs: readonly number[]): Ratio {
  const pairs = Math.min(ours.length, theirs.length);
  const random = seededRandom(20_240_229);
  const resampled = Array.from({ length: RESAMPLES }, () => {
    const places = Array.from({ length: pairs }, () => Math.floor(random() * pairs));
    return medianAt(ours, places) / medianAt(theirs, places);
  });
  return {
    ratio: quantile(ours, 0.5) / quantile(theirs, 0.5),
    low: quantile(resampled, 0.025),
    high: quantile(resampled, 0.975),
  };
}

function medianAt(values: readonly number[], places: readonly number[]): number {
  return quantile(
    places.map((place) => values[place] ?? Number.NaN),
    0.5,
  );
}

/** Mulberry32: the same times give the same interval each time that they are looked at. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
