// Owns the completion scripts, made from the commands as commander knows them, so that a new option is completed the day it
// is added. Registries are completed from `list`, which asks no network. Must not know what any command does.
import type { Argument, Command, Option } from 'commander';
import { PROGRAM } from '../version.ts';

/** The shells that can be completed for. */
export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** A command, as far as completion goes. */
interface Word {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Flag[];
  /** What its arguments may be: a fixed few, the registries with a cached token, or nothing known. */
  readonly operands: readonly string[] | 'registries';
}

interface Flag {
  /** `--format`, `-f`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

/** The script that a person puts where their shell looks for it. */
export function completionScript(shell: Shell, program: Command): string {
  return SCRIPTS[shell](words(program)).trimEnd();
}

const SCRIPTS: Readonly<Record<Shell, (words: readonly Word[]) => string>> = { bash, zsh, fish, powershell };

function words(program: Command): readonly Word[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(flag),
    operands: command.name() === 'help' ? commandNames(program) : operands(command.registeredArguments),
  }));
}

function commandNames(program: Command): readonly string[] {
  return program.commands.map((command) => command.name());
}

function operands(declared: readonly Argument[]): Word['operands'] {
  if (declared.some((argument) => argument.name().startsWith('registry'))) return 'registries';
  return declared[0]?.argChoices ?? [];
}

function flag(option: Option): Flag {
  return {
    names: [option.long, option.short].filter((name) => typeof name === 'string'),
    // What follows in further lines belongs to the help alone.
    description: (option.description.split('\n')[0] ?? '').replace(/:$/, ''),
    takesValue: option.required || option.optional,
    values: option.argChoices ?? [],
  };
}

/** The hosts of `list`, one a line, in the language of sh. */
const LIST_IN_SH = `${PROGRAM} list 2>/dev/null </dev/null | tr ',' '\\n' | sed -n 's,.*"https://\\([^"]*\\)".*,\\1,p'`;

/** Without compopt and the like, so that the bash 3.2 of macOS takes it too. */
function bash(all: readonly Word[]): string {
  const cases = all.map(({ name, options, operands }) => {
    const valued = options.filter(({ takesValue }) => takesValue);
    const previous = valued
      .map(({ names, values }) => `        ${names.join('|')}) candidates="${values.join(' ')}" ;;`)
      .join('\n');
    const flags = options.flatMap(({ names }) => names).join(' ');
    const rest = operands === 'registries' ? `$(${LIST_IN_SH})` : operands.join(' ');
    return `    ${name})
      case "$previous" in
${previous}${previous === '' ? '' : '\n'}        *) case "$current" in -*) candidates="${flags}" ;; *) candidates="${rest}" ;; esac ;;
      esac ;;`;
  });
  return `# bash completion of ${PROGRAM}
_docker_credential_ecr_login() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" candidates=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    candidates="${all.map(({ name }) => name).join(' ')}"
  else
    case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
}
complete -F _docker_credential_ecr_login ${PROGRAM}
`;
}

function zsh(all: readonly Word[]): string {
  const commands = all.map(({ name, description }) => `    ${single(`${name}:${colons(description)}`)}`);
  const cases = all.map(({ name, options, operands }) => {
    const specs = options.flatMap(zshFlags);
    if (operands === 'registries') specs.push(single('*:registry:_docker_credential_ecr_login_registries'));
    else if (operands.length > 0) specs.push(single(`1:argument:(${operands.join(' ')})`));
    return `    ${name}) _arguments ${specs.join(' ')} ;;`;
  });
  return `#compdef ${PROGRAM}
_docker_credential_ecr_login_registries() {
  local -a registries
  registries=(\${(f)"$(${LIST_IN_SH})"})
  compadd -a registries
}
_docker_credential_ecr_login() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case "$words[1]" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_${PROGRAM}" ]; then
  _docker_credential_ecr_login "$@"
else
  compdef _docker_credential_ecr_login ${PROGRAM}
fi
`;
}

function zshFlags({ names, description, takesValue, values }: Flag): readonly string[] {
  const value = takesValue ? `:value:(${values.join(' ')})` : '';
  return names.map((name) => single(`${name}[${description.replace(/[[\]:]/g, '\\$&')}]${value}`));
}

function fish(all: readonly Word[]): string {
  const lines = all.flatMap(({ name, description, options, operands }) => {
    const within = `complete -c ${PROGRAM} -n '__fish_seen_subcommand_from ${name}'`;
    const offered = operands === 'registries' ? `(${LIST_IN_SH})` : operands.join(' ');
    return [
      `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d ${fishQuote(description)}`,
      ...options.map((each) => `${within} ${fishFlag(each)}`),
      ...(offered === '' ? [] : [`${within} -a ${fishQuote(offered)}`]),
    ];
  });
  return `# fish completion of ${PROGRAM}\ncomplete -c ${PROGRAM} -f\n${lines.join('\n')}\n`;
}

function fishFlag({ names, description, takesValue, values }: Flag): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = takesValue ? [`-x${values.length === 0 ? '' : ` -a ${fishQuote(values.join(' '))}`}`] : [];
  return [...flags, ...value, `-d ${fishQuote(description)}`].join(' ');
}

function powershell(all: readonly Word[]): string {
  const rows = all.map(({ name, description, options, operands }) => {
    const valued = options
      .filter(({ values }) => values.length > 0)
      .flatMap(({ names, values }) => names.map((each) => `${psQuote(each)} = ${psList(values)}`));
    return `    ${psQuote(name)} = @{ about = ${psQuote(description)}; options = ${psList(options.flatMap(({ names }) => names))}; choices = @{ ${valued.join('; ')} }; operands = ${operands === 'registries' ? "'registries'" : psList(operands)} }`;
  });
  return `# PowerShell completion of ${PROGRAM}
Register-ArgumentCompleter -Native -CommandName '${PROGRAM}' -ScriptBlock {
  param($word, $line, $position)
  $commands = [ordered]@{
${rows.join('\n')}
  }
  $typed = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -ne '') { $typed = @($typed | Select-Object -SkipLast 1) }
  if ($typed.Count -eq 0) {
    $offered = $commands.Keys
  } else {
    $command = $commands[$typed[0]]
    if ($null -eq $command) { return }
    $choices = $command.choices[$typed[-1]]
    if ($null -ne $choices) { $offered = $choices }
    elseif ($word.StartsWith('-')) { $offered = $command.options }
    elseif ($command.operands -eq 'registries') {
      $list = ${PROGRAM} list 2>$null | ConvertFrom-Json
      $offered = @($list.PSObject.Properties.Name | Where-Object { $_ } | ForEach-Object { $_ -replace '^https://', '' })
    } else { $offered = $command.operands }
  }
  $offered | Where-Object { $_ -like "$word*" } | ForEach-Object {
    $about = if ($typed.Count -eq 0) { $commands[$_].about } else { $_ }
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $about)
  }
}
`;
}

/** Quoted for sh, bash and zsh. */
function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Quoted for fish, where a backslash counts inside quotes too. */
function fishQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function psQuote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function psList(texts: readonly string[]): string {
  return `@(${texts.map(psQuote).join(', ')})`;
}

/** In `name:description` of zsh a colon ends the name. */
function colons(text: string): string {
  return text.replaceAll(':', '\\:');
}
