// Specifies that the manual page and the four completion scripts tell what `--help` tells: every command, every option, every
// choice, every example. What a shell makes of the scripts is tested in the shells, but for PowerShell, of which only the form
// is looked at here.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { manualPage } from '../../scripts/man.ts';
import { completionScript } from '../../src/commands/completion.ts';
import { processConsole } from '../../src/commands/console.ts';
import { createProgram } from '../../src/commands/program.ts';

const program = createProgram({ env: {}, console: processConsole() }, () => {});
const help = program.createHelp();
const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help');
const flagsOf = (command: Command): string[] =>
  help.visibleOptions(command).flatMap(({ long, short }) => [long, short].filter((name) => name != null));

/** The manual page as a reader sees it: no escapes, no fonts, one space between words. */
const page = manualPage()
  .replaceAll(/^\.\w+ ?/gm, '')
  .replaceAll(/\\(?:f[BIRP]|&)/g, '')
  .replaceAll('\\-', '-')
  .replaceAll('\\(aq', "'")
  .replaceAll('\\(dq', '"')
  .replaceAll('\\e', '\\')
  .replaceAll(/\s+/g, ' ');

test('every command is looked at', () => {
  assert.deepEqual(commands.map((command) => command.name()).sort(), [
    'completion',
    'configure',
    'doctor',
    'erase',
    'get',
    'kubelet',
    'list',
    'login',
    'store',
    'token',
    'version',
  ]);
});

for (const command of commands)
  describe(command.name(), () => {
    test('the manual page tells what --help tells', () => {
      for (const words of [command.description(), ...help.visibleOptions(command).map(({ flags }) => flags)])
        assert.ok(page.includes(words.replaceAll(/\s+/g, ' ')), words);
      for (const { description } of help.visibleOptions(command))
        assert.ok(page.includes(description.replaceAll(/\s+/g, ' ')), description);
      for (const [, line = ''] of helpOf(command).matchAll(/^ {2}\$ (.*)$/gm))
        assert.ok(page.includes(line), line);
    });

    for (const shell of ['bash', 'zsh', 'fish', 'powershell'] as const)
      test(`${shell} completes every option`, () => {
        const script = completionScript(shell, program);
        for (const flag of flagsOf(command))
          assert.ok(partOf(script, command).includes(inShell(shell, flag)), `${command.name()} ${flag}`);
        for (const { argChoices } of [...command.options, ...command.registeredArguments])
          for (const choice of argChoices ?? []) assert.ok(partOf(script, command).includes(choice), choice);
      });
  });

test('powershell: quotes and brackets are closed', () => {
  const script = completionScript('powershell', program);
  const bare = script.replaceAll(/'(?:[^']|'')*'/g, "''");
  assert.ok(!bare.replaceAll("''", '').includes("'"), 'a quote is open');
  const open: string[] = [];
  for (const bracket of bare.replaceAll(/"[^"]*"|#.*/g, '').match(/[()[\]{}]/g) ?? [])
    if ('([{'.includes(bracket)) open.push(bracket);
    else assert.equal(open.pop(), { ')': '(', ']': '[', '}': '{' }[bracket], bare);
  assert.deepEqual(open, []);
});

/** What stands in a script for one command: the lines that name it, and for bash and zsh the branch of the `case`. */
function partOf(script: string, command: Command): string {
  const name = command.name();
  const branch = new RegExp(`^ +${name}\\)[^]*?;;\\n(?=    [a-z]+\\)|    esac|  esac)`, 'm').exec(
    script,
  )?.[0];
  const lines = script
    .split('\n')
    .filter((line) => line.includes(`'${name}'`) || line.includes(`from ${name}'`));
  return [branch ?? '', ...lines].join('\n');
}

function inShell(shell: string, flag: string): string {
  if (shell !== 'fish') return flag;
  return flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut(part) {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}
