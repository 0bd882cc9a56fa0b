// Owns the command line of `configure`: its options and its help. Must not carry anything out.
import type { Command } from 'commander';
import { PROGRAM } from '../../version.ts';

/** What may stand beside the registries. */
export interface ConfigureOptions {
  readonly account?: readonly string[];
  readonly region?: readonly string[];
  readonly public?: boolean;
  readonly discover?: boolean;
  readonly profile?: string;
  readonly all?: boolean;
  readonly podman?: boolean;
  readonly dockerConfig?: string;
  readonly remove?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Gives the command its arguments and options. */
export function addConfigureOptions(command: Command): Command {
  const collect = (value: string, all: readonly string[] = []): string[] => [...all, value];
  return command
    .argument('[registry...]', 'hosts of registries')
    .option(
      '--account <id>',
      'the registry of an account in --region; both can stand more than once',
      collect,
    )
    .option('--region <region>', 'the region of --account', collect)
    .option('--public', 'public.ecr.aws')
    .option('--discover', 'the accounts and regions of the AWS profiles of this user')
    .option('--profile <name>', 'use this AWS profile for the registries; "auto": the one of their account')
    .option('--all', 'serve every registry: credsStore, with the helper that stands there now as fallback')
    .option('--podman', "Podman's auth.json too")
    .option('--docker-config <path>', "Docker's config file, or the directory that it lies in")
    .option('--remove', 'undo what configure did: for the registries named, or all of it')
    .option('--force', "replace another helper's entry")
    .option('--dry-run', 'show what would change, and write nothing')
    .option('-y, --yes', 'write without asking')
    .addHelpText(
      'after',
      `
Examples:
  $ ${PROGRAM} configure 123456789012.dkr.ecr.us-east-1.amazonaws.com
  $ ${PROGRAM} configure --account 123456789012 --region us-east-1 --region eu-west-1 --public
  $ ${PROGRAM} configure --discover --profile auto --dry-run
  $ ${PROGRAM} configure --all
  $ ${PROGRAM} configure --remove`,
    );
}
