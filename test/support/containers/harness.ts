// Owns one world for the end-to-end tests: loopback AWS, registry, trust, names, homes and, when asked, a Docker daemon.
// It must not assert anything: the tests do.

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startLoopbackAws } from '../aws/server.ts';
import { makeAuthority } from './authority.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { startGate } from './gate.ts';
import { type Home, type HomeOptions, makeHome } from './home.ts';
import { seedImage } from './image.ts';
import { removeLeftovers } from './leftovers.ts';
import { mapNames, trustCertificates, trustFolder } from './names.ts';
import { requirePrerequisites } from './prerequisites.ts';
import { type Registry, startRegistry } from './registry.ts';
import { undoAtExit } from './undo.ts';

/** The registry of the tests. */
export const registryHost = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

/** A registry of another region, served by the same program. */
export const otherRegistryHost = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** The image that is in the registry from the start. */
export const image: string = `${registryHost}/team/tiny:1`;

/** A token that AWS handed out, and when. */
export interface Minted {
  readonly password: string;
  readonly arn: string;
  readonly region: string;
  readonly at: Date;
}

/** Everything that a test can use. */
export interface World {
  readonly directory: string;
  readonly registry: Registry;
  /** Environment of an AWS identity that may get tokens. */
  readonly allowed: Readonly<Record<string, string>>;
  /** Environment of an AWS identity that AWS knows and denies. */
  readonly denied: Readonly<Record<string, string>>;
  /** All tokens handed out so far; the registry accepts the last one only. */
  readonly minted: readonly Minted[];
  home(options?: Partial<Omit<HomeOptions, 'parent'>>): Home;
  /** The daemon's address for `docker --host`. */
  dockerHost(): string;
  /** Every text that no client may ever print. */
  secrets(): string[];
  close(): Promise<void>;
}

/** Starts a world; whatever was started is ended again when something in it cannot start. */
export async function startWorld({ withDaemon }: { readonly withDaemon: boolean }): Promise<World> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    const failures: unknown[] = [];
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Cannot end everything that was started');
  };
  try {
    return await start(withDaemon, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  withDaemon: boolean,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<World> {
  await requirePrerequisites();
  closers.push(removeLeftovers());
  const directory = mkdtempSync(join(tmpdir(), 'ecr-login-e2e-'));
  closers.push(undoAtExit(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })));
  chmodSync(directory, 0o700);

  const names = [registryHost, otherRegistryHost];
  const authority = makeAuthority(directory, trustFolder, names);
  closers.push(mapNames(names), trustCertificates(names, authority.trustDirectory));
  const registry = await startRegistry(directory, authority);
  closers.push(registry.stop);
  await seedImage(directory, registry, image);

  const minted: Minted[] = [];
  const aws = await startLoopbackAws();
  closers.push(() => aws.close());
  const gate = await startGate(aws.url, () => {
    for (const token of aws.mintedTokens.slice(minted.length)) {
      minted.push({ password: token.password, arn: token.arn, region: token.region, at: new Date() });
      registry.accept(token.password);
    }
  });
  closers.push(gate.close);

  let daemon: Daemon | undefined;
  if (withDaemon) {
    daemon = await startDaemon(directory);
    closers.push(daemon.stop);
  }

  const environment = Object.fromEntries(
    Object.entries(aws.environment()).map(([name, value]) => [name, value.replace(aws.url, gate.url)]),
  );
  const identity = (user: string, mayGetToken: boolean) => {
    const key = {
      accessKeyId: `AKIA${randomCapitals(16)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
    };
    aws.addAccessKey({ ...key, arn: `arn:aws:iam::123456789012:user/${user}`, mayGetToken });
    return { ...environment, AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
  };
  const allowed = identity('puller', true);
  const denied = identity('stranger', false);

  return {
    directory,
    registry,
    allowed,
    denied,
    minted,
    home: (options = {}) => makeHome({ parent: directory, helperFor: names, ...options }),
    dockerHost: () => requireDaemon(daemon).host,
    secrets: () => [
      allowed.AWS_SECRET_ACCESS_KEY,
      denied.AWS_SECRET_ACCESS_KEY,
      ...minted.flatMap(({ password }) => secretForms(password)),
    ],
    close,
  };
}

// A token is as secret in the form in which AWS sends it, or Docker would write it, as it is plain.
function secretForms(password: string): string[] {
  return [password.slice(0, 72), Buffer.from(`AWS:${password}`).toString('base64').slice(0, 72)];
}

function requireDaemon(daemon: Daemon | undefined): Daemon {
  if (!daemon) throw new Error('Cannot use Docker in a world that was started without a daemon');
  return daemon;
}

function randomCapitals(length: number): string {
  return Array.from(randomBytes(length), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('');
}
