// The promises of the guides that a program can check: their JSON is what the program and its clients read, their profiles are
// profiles, their commands exist with the options that they are given, and their links lead somewhere.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parseIni } from '../../src/aws/ini.ts';
import { createProgram } from '../../src/commands/program.ts';
import { parseConfigFile } from '../../src/config/file.ts';
import { checkEntries } from '../../src/doctor/client-entries.ts';

const root = join(import.meta.dirname, '../..');
const GUIDES = ['docs/getting-started.md', 'docs/environments.md', 'docs/migration.md', 'docs/errors.md'];

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block = '']) => block,
  );
}

const console = {
  isWatched: false,
  print() {},
  say() {},
  isInteractive: false,
  isStdoutTerminal: false,
  confirm: async () => false,
};
const program = createProgram({ env: {}, console }, () => {});

for (const guide of GUIDES)
  describe(guide, () => {
    const text = read(guide);

    for (const block of blocks(text, 'json'))
      test(`JSON: ${block.slice(0, 40).replace(/\s+/g, ' ')}`, () => {
        const value = JSON.parse(block);
        if ('credHelpers' in value)
          assert.deepEqual(
            checkEntries({ client: 'docker', path: guide, value }, { env: { PATH: '' }, rules: [] }),
            [],
          );
        else assert.ok((parseConfigFile(block, guide).registries ?? []).length > 0);
      });

    for (const block of blocks(text, 'ini'))
      test('profiles', () => assert.ok(parseIni(block, guide).size > 0));

    const lines = text.matchAll(/^[$ ]*(?:- run: )?docker-credential-ecr-login ([a-z]+)(.*)$/gm);
    for (const [, name = '', rest = ''] of lines)
      test(`command: ${name}${rest}`, () => {
        const command = program.commands.find((each) => each.name() === name);
        assert.ok(command !== undefined, name);
        for (const [option] of rest.matchAll(/--[a-z-]+/g))
          assert.ok(
            command.options.some(({ long }) => long === option),
            `${name} ${option}`,
          );
      });

    test('links lead somewhere', () => {
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? guide : join(dirname(guide), path);
        assert.ok(existsSync(join(root, file)), target);
        const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
          heading
            .toLowerCase()
            .replace(/[^\w\- ]/g, '')
            .replaceAll(' ', '-'),
        );
        if (anchor !== undefined) assert.ok(headings.includes(anchor), target);
      }
    });

    test('no tabs, no line ends in white space', () => assert.doesNotMatch(text, /\t|[ ]$/m));
  });
