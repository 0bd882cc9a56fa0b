// Owns `docs/errors.md`: one section for each kind of failure, its heading the kind, its words those of the program. `--check`
// compares instead of writing. Must not word a failure itself: what stands in backticks comes from `src/explain.ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../src/errors.ts';
import { explain } from '../src/explain.ts';
import { ERRORS } from './errors-table.ts';

const FILE = join(import.meta.dirname, '../docs/errors.md');

const HEAD = `# Errors

Every failure that the program knows, by its kind: the line that tells it, the hint below that line, what it means and what mends it.
\`docker-credential-ecr-login doctor <registry or image>\` finds most of them by itself, and names the policy or the command that helps.

This page is written by \`scripts/errors.ts\` from the program's own words; a test keeps the two together. Names of profiles, files,
accounts and regions are examples. The hints are those of Linux; on macOS and Windows they name the commands of those systems.

A failed \`get\` prints cause and hint on standard error; Docker shows them and adds its own complaint, such as
\`no basic auth credentials\`. Where a client hides standard error, the same lines stand in \`~/.ecr/log/ecr-login.log\`.
`;

/** The page. */
export function errorsPage(): string {
  const kinds = Object.entries(ERRORS).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const list = kinds.map(([kind, { summary }]) => `* [${kind}](#${kind}): ${summary}`).join('\n');
  return [HEAD, `${list}\n`, ...kinds.map(([kind, entry]) => section(kind, entry))].join('\n');
}

function section(kind: string, { examples, meaning, remedy }: (typeof ERRORS)[Problem['kind']]): string {
  const lines = examples.map((problem) => {
    const { cause, hint } = explain(problem, '123456789012.dkr.ecr.us-east-1.amazonaws.com', 'linux');
    return `\`\`\`\n${cause}\nhint: ${hint}\n\`\`\`\n`;
  });
  return `## ${kind}\n\n${lines.join('\n')}\n${meaning}\n\n${remedy.map((step) => `* ${step}\n`).join('')}`;
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    if (readFileSync(FILE, 'utf8') !== errorsPage()) {
      console.error('docs/errors.md is out of date: node scripts/errors.ts');
      process.exitCode = 1;
    }
  } else writeFileSync(FILE, errorsPage());
}
