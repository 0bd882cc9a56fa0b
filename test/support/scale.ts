// Owns how large the runs are that are counted, not listed: kills, parallel processes, mixed operations. The usual sizes are
// those that are promised; a nightly run may multiply them.

/** So many times the usual number: `ECR_LOGIN_TEST_SCALE`, 1 when it is not set. */
export const SCALE = Math.max(0.01, Number(process.env.ECR_LOGIN_TEST_SCALE ?? '1') || 1);

/** A number of runs for an executable: Node's start costs ten times the native one's, so those get a tenth. */
export function scaled(count: number, executable: { readonly name: string }): number {
  return Math.max(1, Math.ceil(count * SCALE * (executable.name === 'native' ? 1 : 0.1)));
}

/** Runs `work` for 0, 1, … `count` - 1, so many at a time; the first failure ends it. */
export async function forEach(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}
