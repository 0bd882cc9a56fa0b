// Owns what several unit tests stand on: a directory of their own, a log that is kept in memory, registries, tokens, errors.
// Must not import a test, and must not touch the environment of the process.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { SharedConfig } from '../../src/aws/shared-config.ts';
import { HelperError, type Problem } from '../../src/errors.ts';
import type { Fields, Log } from '../../src/log.ts';
import { parseRegistry, type Registry } from '../../src/registry.ts';
import type { AuthorizationToken } from '../../src/token/authorization-token.ts';

export const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
export const PUBLIC_HOST = 'public.ecr.aws';
/** Noon of a day in January 2026. */
export const NOON = Date.UTC(2026, 0, 31, 12);
export const HOUR = 3_600_000;
/** Made-up keys in the form of AWS's examples. */
export const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

/** Root writes everywhere; tests of permissions then take on another user's rights. */
export const isRoot = process.geteuid?.() === 0;
export const isWindows = process.platform === 'win32';
const NOBODY = 65534;

/** A new directory for one test, readable by its owner alone, removed after it. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'ecr-login-unit-'));
  t.after(() => {
    // What a test closed must be open again to be removed, unless root does it.
    const directories = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const entry of directories) chmodSync(join(entry.parentPath, entry.name), 0o700);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Runs `work` without root's power over `directory`, which then belongs to the user that `work` runs as. */
export async function withoutPrivilege<T>(directory: string, work: () => T | Promise<T>): Promise<T> {
  if (!isRoot) return work();
  for (const name of ['', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })])
    chownSync(join(directory, name), NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    chmodSync(directory, 0o700);
  }
}

/** A log that keeps its lines, level first. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string, fields: Fields = {}) => {
      lines.push([level, message, JSON.stringify(fields)].join(' '));
    };
  return {
    lines,
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    isDebug: true,
  };
}

/** The registry of a host that is known to be one. */
export function registryOf(host: string): Registry {
  const registry = parseRegistry(host);
  assert.ok(registry, `${host} must be a registry`);
  return registry;
}

/** A token asked for at `requestedAt` that lives for `lifeMs`. */
export function aToken(
  requestedAt: number,
  { lifeMs = 12 * HOUR, password = 'cGFzc3dvcmQ=' } = {},
): AuthorizationToken {
  return {
    username: 'AWS',
    password,
    requestedAt,
    refreshAt: requestedAt + Math.floor(lifeMs / 2),
    expiresAt: requestedAt + lifeMs,
  };
}

/** A shared config from object literals. */
export function sharedConfig(
  profiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
  more: {
    readonly ssoSessions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly services?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  } = {},
): SharedConfig {
  const mapOf = <T, U>(record: Readonly<Record<string, T>>, each: (value: T) => U): Map<string, U> =>
    new Map(Object.entries(record).map(([key, value]) => [key, each(value)]));
  const settings = (record: Readonly<Record<string, string>>): Map<string, string> =>
    mapOf(record, (value) => value);
  return {
    profiles: mapOf(profiles, settings),
    ssoSessions: mapOf(more.ssoSessions ?? {}, settings),
    services: mapOf(more.services ?? {}, (services) => mapOf(services, settings)),
    files: ['/home/me/.aws/config', '/home/me/.aws/credentials'],
  };
}

/** The problem that `work` throws; fails when it throws nothing, or something that is no {@link HelperError}. */
export function problemFrom(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof HelperError, `expected a HelperError, got ${error}`);
    return error.problem;
  }
  assert.fail('expected a HelperError, nothing was thrown');
}

/** The problem that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Problem> {
  const error = await promise.then(
    () => assert.fail('expected a rejection'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof HelperError, `expected a HelperError, got ${error}`);
  return error.problem;
}

/** An unsigned JSON Web Token with these claims. */
export function jwt(claims: Readonly<Record<string, unknown>>, signature = 'c2lnbmF0dXJl'): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${signature}`;
}
