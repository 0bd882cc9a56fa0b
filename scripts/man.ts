// Owns the manual page, made from the commands as commander knows them and the README's table of variables, so that it cannot
// rot. Run by Bun or Node: `bun scripts/man.ts` writes dist/man/docker-credential-ecr-login.1. Must not know what a command does.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { processConsole } from '../src/commands/console.ts';
import { createProgram } from '../src/commands/program.ts';
import { PROGRAM, VERSION } from '../src/version.ts';

const root = join(import.meta.dirname, '..');

/** The page, as roff with the macros of man(7). */
export function manualPage(): string {
  const program = createProgram({ env: {}, console: processConsole() }, () => {});
  return [
    `.TH ${quoted(PROGRAM.toUpperCase())} 1 "" ${quoted(`${PROGRAM} ${VERSION}`)} "User Commands"`,
    '.SH NAME',
    `${escaped(PROGRAM)} \\- ${escaped(program.description().replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    `.B ${escaped(PROGRAM)}`,
    escaped('<command> [options] [arguments]'),
    '.SH DESCRIPTION',
    ...text(
      'Docker, Podman and their like run this program for the credentials of registries in Amazon ECR; people run it for the rest. ' +
        'It takes AWS credentials from wherever the AWS CLI does, asks ECR for an authorization token, and keeps it in a file.',
    ),
    ...after(program),
    '.SH OPTIONS',
    ...options(program),
    '.SH COMMANDS',
    ...program.createHelp().visibleCommands(program).flatMap(section),
    '.SH ENVIRONMENT',
    ...variables().flatMap(([name, meaning]) => ['.TP', `.B ${escaped(name)}`, ...text(meaning)]),
    '.SH FILES',
    ...FILES.flatMap(([path, meaning]) => ['.TP', `.I ${escaped(path)}`, ...text(meaning)]),
    '.SH EXIT STATUS',
    ...text('0 for success, 1 for everything else, as clients of the helper expect.'),
    '.SH SEE ALSO',
    ...text('docker(1), podman(1), aws(1)'),
    '',
  ].join('\n');
}

const FILES: readonly (readonly [path: string, meaning: string])[] = [
  ['~/.ecr/config.json', 'settings and registry rules'],
  ['~/.ecr/tokens-v1/', 'cached tokens, for this user alone'],
  ['~/.ecr/log/ecr-login.log', 'the log'],
  ['~/.docker/config.json', 'where Docker is told to run this helper, as "ecr-login"'],
];

function section(command: Command): string[] {
  const usage = [command.name(), command.usage()].filter((part) => part !== '').join(' ');
  return [
    `.SS ${quoted(usage)}`,
    ...text(`${command.description()}.`),
    ...options(command),
    ...after(command),
  ];
}

function options(command: Command): string[] {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter(({ long }) => command.parent === null || long !== '--help')
    .flatMap((option) => [
      '.TP',
      `.B ${escaped(help.optionTerm(option))}`,
      ...text(help.optionDescription(option)),
    ]);
}

/** What stands below the usual help: formats, examples. */
function after(command: Command): string[] {
  let whole = '';
  command.configureOutput({
    writeOut: (part) => {
      whole += part;
    },
  });
  command.outputHelp();
  const lines = whole.slice(command.helpInformation().length).trim().split('\n');
  if (lines.join('') === '') return [];
  return ['.PP', '.nf', ...lines.map(line), '.fi'];
}

/** The rows `| name | meaning |` of the README whose name is one or more variables of this program. */
function variables(): (readonly [name: string, meaning: string])[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/^\| (`AWS_ECR_[^|=]+`) \| ([^|]+) \|$/gm)].map(
    ([, name = '', meaning = '']) => [
      name.replaceAll('`', ''),
      meaning.replaceAll('`', '').replace(/\[([^\]]+)\]\([^)]+\)/g, '$1'),
    ],
  );
}

function text(words: string): string[] {
  return words.split('\n').map(line);
}

/** A line of text; a dot or a quote at its beginning would make it a request. */
function line(words: string): string {
  return escaped(words).replace(/^(?=[.'])/, '\\&');
}

/** A hyphen would become a typographic one, which nobody can copy into a shell. */
function escaped(words: string): string {
  return words.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...');
}

function quoted(words: string): string {
  return `"${escaped(words).replaceAll('"', '\\(dq')}"`;
}

if (import.meta.main) {
  const file = `dist/man/${PROGRAM}.1`;
  mkdirSync(join(root, 'dist/man'), { recursive: true });
  writeFileSync(join(root, file), manualPage());
  console.log(file);
}
