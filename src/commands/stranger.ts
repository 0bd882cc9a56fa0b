// Owns what a person is told who asked by hand for a registry that is not ours. Clients get "not found" and silence, by which
// they go on without credentials: they never hear this.
import { compose } from '../compose.ts';
import { explain } from '../explain.ts';
import { PROGRAM } from '../version.ts';

/** Lines for stderr; empty for what is ours or a fallback's, whose own words have been said. */
export function tellStranger(serverUrl: string, env: NodeJS.ProcessEnv): string {
  const { authorizer, neighbour, settings } = compose(env);
  if (neighbour !== undefined || authorizer.target(serverUrl) !== undefined) return '';
  // Where the rules cannot be read, nobody knows whether one of them maps the host.
  const { cause, hint } = explain(settings.problem ?? { kind: 'not-ecr', host: serverUrl });
  const line = `${PROGRAM}: ${cause}\nhint: ${hint}`;
  return `${line.replace(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')}\n`;
}
