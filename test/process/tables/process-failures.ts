// Owns the failures of credential processes, with the cause and the next command that a person is told.
// It must not run anything.
import { processAnswer } from '../../support/sources.ts';
import { ALICE, type Env, type World } from '../../support/world.ts';
import { type FailureRow, PROFILE } from './source-failures.ts';

/** A profile whose process is this shell text. */
export const script =
  (text: string) =>
  (world: World): Env => {
    world.write('script.sh', { mode: 0o700, text: `#!/bin/sh\n${text}\n` });
    world.write('.aws/config', `[profile dev]\ncredential_process = ${world.home.directory}/script.sh\n`);
    return PROFILE;
  };

const PROCESS = 'cannot get AWS credentials from credential_process of profile "dev": ';
const PROCESS_HINT =
  /^run the command yourself and see what it says: aws configure get credential_process --profile dev$/;

export const processFailures: readonly FailureRow[] = [
  {
    name: 'process: an exit code, and what it says stays unsaid',
    arrange: script('echo canary-on-stdout; echo canary-on-stderr >&2; exit 3'),
    cause: new RegExp(`^${PROCESS}it ended with exit code 3$`),
    hint: PROCESS_HINT,
  },
  {
    name: 'process: no JSON',
    arrange: script('echo canary-on-stdout'),
    cause: new RegExp(`^${PROCESS}its output is not a JSON object$`),
    hint: PROCESS_HINT,
  },
  {
    name: 'process: keys that are over',
    arrange: script(`echo '${processAnswer(ALICE, { Expiration: '2020-01-01T00:00:00Z' })}'`),
    cause: new RegExp(`^${PROCESS}the credentials that it gave expired at 2020-01-01T00:00:00.000Z$`),
    hint: PROCESS_HINT,
  },
  {
    name: 'process: too much',
    arrange: script('exec yes canary'),
    cause: new RegExp(`^${PROCESS}its output is larger than 65536 bytes$`),
    hint: PROCESS_HINT,
  },
  {
    name: 'process: a command that is not there',
    arrange: (world) => {
      world.write('.aws/config', '[profile dev]\ncredential_process = /nowhere/command --flag\n');
      return PROFILE;
    },
    cause: new RegExp(`^${PROCESS}it ended with exit code 127$`),
    hint: PROCESS_HINT,
  },
];
