// Owns the limit of a fetch in time, which stands still while a person is asked. Must not know what is fetched.

/** A limit that has begun to run. */
export interface Limit {
  /** Does what waits for a person; the limit stands still meanwhile. */
  readonly aside: <T>(work: () => Promise<T>) => Promise<T>;
  stop(): void;
}

/** Calls `onEnd` after `limitMs`, unless stopped. */
export function startLimit(limitMs: number, onEnd: () => void): Limit {
  let leftMs = limitMs;
  let runningSince = performance.now();
  let timer = setTimeout(onEnd, leftMs);
  return {
    async aside(work) {
      clearTimeout(timer);
      leftMs -= performance.now() - runningSince;
      try {
        return await work();
      } finally {
        runningSince = performance.now();
        timer = setTimeout(onEnd, Math.max(0, leftMs));
      }
    },
    stop: () => clearTimeout(timer),
  };
}
