// Owns what only the outside can say about an identity: the instance's role name, and whose key a credential process gives.
// Must not be imported statically from outside this folder.
import type { Source } from '../../aws/source.ts';
import { HelperError } from '../../errors.ts';

/** See `Discover` of the identity module. Throws `source-failed`, or `timed-out` when a process takes longer than `limitMs`. */
export async function discoverIdentity(
  source: Extract<Source, { kind: 'instance' | 'process' }>,
  env: NodeJS.ProcessEnv,
  limitMs: number,
  signal?: AbortSignal,
): Promise<string> {
  if (source.kind === 'instance') return (await import('./providers/imds.ts')).instanceRole(source, env);
  const { processCredentials } = await import('./providers/process.ts');
  const abort = new AbortController();
  const step = `running credential_process of profile "${source.profile}"`;
  const timer = setTimeout(() => abort.abort(new HelperError({ kind: 'timed-out', step, limitMs })), limitMs);
  const giveUp = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return (await processCredentials(source, env, abort.signal)).accessKeyId;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
