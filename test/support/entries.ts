// Owns the moving of time for cache entries: everything in one happened so much earlier. It must not know what follows from it.
import type { World } from './world.ts';

/** The cache entries of a world, with their texts. */
export function entriesOf({ home }: World): { path: string; text: string }[] {
  return home.list('.ecr/tokens-v1').filter(({ path }) => path.endsWith('.json'));
}

/** Makes every entry older by so many ms. */
export function ageEntries(world: World, ms: number): void {
  for (const { path, text } of entriesOf(world)) world.home.write(path, aged(text, ms));
}

/** An entry's text as if everything in it had happened so much earlier. */
export function aged(text: string, ms: number): string {
  return text.replace(
    /"(requestedAt|refreshAt|expiresAt)":(\d+)/g,
    (_, name, time) => `"${name}":${Number(time) - ms}`,
  );
}
