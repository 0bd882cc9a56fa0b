// Owns what a person is told who waits longer than a moment for AWS. Must not say anything where nobody watches, nor between a
// question to that person and their answer.
import type { Authorizer } from '../authorize.ts';
import type { Target } from '../config/rules.ts';
import { mayAskPerson } from '../token/one-question.ts';
import type { Console } from './console.ts';

/** After this long a person is told what they are waiting for, in ms. */
const PATIENCE_MS = 1000;

/** The work for a registry's token, with a line on stderr while it takes long. */
export async function withProgress<T>(
  target: Target,
  { authorizer, console }: { readonly authorizer: Authorizer; readonly console: Console },
  work: () => Promise<T>,
): Promise<T> {
  if (!console.isWatched || mayAskPerson(authorizer.declare(target).source)) return work();
  const timer = setTimeout(
    () => console.say(`asking AWS for a token for ${target.registry.host} …`),
    PATIENCE_MS,
  );
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
