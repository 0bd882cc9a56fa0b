// The rules of .github/workflows that no linter of the registries has: who may do what, what is pinned, and that what a job runs
// is a script or a command that runs elsewhere, too. zizmor's audits that matter here are among them.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

type Permissions = Readonly<Record<string, string>>;

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Permissions;
  readonly environment?: string;
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly (string | number)[]>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': unknown };
  readonly env?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  engines: { node: string };
  scripts: Readonly<Record<string, string>>;
};
const workflows = readdirSync(join(root, '.github/workflows')).map((file) => {
  const text = readFileSync(join(root, '.github/workflows', file), 'utf8');
  return { file, text, workflow: parse(text) as Workflow };
});

/** The README's own, which chains two commands because people type it. */
const CHECK = 'npm ci && npm test';

/** The rights that let a job change something, and what may hold them. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  'codeql.yml analyze': ['security-events'],
  'monthly.yml tag': ['actions', 'contents'],
  'release.yml sign': ['attestations', 'id-token'],
  'release.yml draft': ['contents'],
  'release.yml npm': ['id-token'],
  'release.yml image': ['attestations', 'id-token', 'packages'],
  'release.yml publish': ['contents'],
};

test('the workflows are found', () => {
  assert.deepEqual(workflows.map(({ file }) => file).toSorted(), [
    'ci.yml',
    'codeql.yml',
    'lint-workflows.yml',
    'monthly.yml',
    'release.yml',
  ]);
});

for (const { file, text, workflow } of workflows) {
  describe(file, () => {
    const jobs = Object.entries(workflow.jobs);
    const steps = jobs.flatMap(([, job]) => job.steps);
    const runs = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

    test('every action is pinned by commit, and its version stands beside it', () => {
      const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
      assert.equal(uses.length, steps.filter((step) => step.uses !== undefined).length);
      for (const line of uses) assert.match(line, /uses: [\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    test('the workflow has no right, each job its own', () => {
      assert.deepEqual(workflow.permissions, {});
      for (const [name, { permissions = {} }] of jobs) {
        assert.notDeepEqual(permissions, {}, name);
        const writes = Object.keys(permissions).filter((scope) => permissions[scope] !== 'read');
        assert.deepEqual(writes.toSorted(), MAY_WRITE[`${file} ${name}`] ?? [], `${name} may write`);
      }
    });

    test('who may write runs nothing of the dependencies, and waits for a person where one is asked for', () => {
      for (const [name, job] of jobs) {
        const rights = (MAY_WRITE[`${file} ${name}`] ?? []).filter((scope) => scope !== 'security-events');
        if (rights.length === 0) continue;
        assert.equal(job.environment, 'release', name);
        for (const { run = '' } of job.steps) assert.doesNotMatch(run, /\bnpm (ci|install|run|test)\b/, name);
      }
    });

    test('limits: time, and one at a time', () => {
      for (const [name, job] of jobs) assert.ok((job['timeout-minutes'] ?? 999) <= 90, name);
      assert.ok(workflow.concurrency?.group);
      // Cancelling is for pull requests; half a release or half a tag is not.
      const cancels = workflow.concurrency['cancel-in-progress'];
      assert.match(String(cancels), /^(false|\$\{\{ github\.event_name == 'pull_request' \}\})$/);
    });

    test('no secret, and nothing that a stranger starts with rights', () => {
      assert.doesNotMatch(text, /\bsecrets\./);
      for (const event of ['pull_request_target', 'workflow_run', 'issue_comment', 'issues'])
        assert.ok(!(event in workflow.on), event);
      if ('pull_request' in workflow.on)
        for (const [name, { permissions = {} }] of jobs)
          assert.ok(!('id-token' in permissions) && permissions.contents === 'read', name);
      assert.equal(workflow.env, undefined);
    });

    test('a checkout leaves no token behind, and nothing comes from a cache', () => {
      for (const { uses = '', with: inputs = {} } of steps) {
        if (uses.startsWith('actions/checkout@')) assert.equal(inputs['persist-credentials'], false);
        if (uses.startsWith('actions/setup-node@')) assert.equal(inputs['package-manager-cache'], false);
        assert.doesNotMatch(uses, /^actions\/cache/);
      }
    });

    test('a command is one line, without an expression that another could write', () => {
      for (const run of runs) {
        assert.doesNotMatch(run, /\$\{\{/, run);
        if (run !== CHECK) assert.doesNotMatch(run, /\n.|&&|\|\||[;|`>]|\$\(/, run);
      }
    });

    test('what it runs exists', () => {
      for (const run of runs)
        for (const [, script] of run.matchAll(/\bnpm run ([\w:-]+)/g))
          assert.ok(script !== undefined && script in manifest.scripts, run);
      for (const path of scriptsOf(runs)) {
        const { mode } = statSync(join(root, path));
        if (!path.endsWith('.ts') && process.platform !== 'win32')
          assert.notEqual(mode & 0o111, 0, `${path} is not executable`);
      }
    });

    test('a job needs only jobs that there are', () => {
      for (const [, { needs = [] }] of jobs)
        for (const name of [needs].flat()) assert.ok(name in workflow.jobs, name);
    });
  });
}

describe('what CI tests', () => {
  const ci = workflows.find(({ file }) => file === 'ci.yml')?.workflow.jobs.test;
  const nodes = ci?.strategy?.matrix.node?.map(Number) ?? [];
  const systems = ci?.strategy?.matrix.os?.map(String) ?? [];

  test("the README's command is the one that runs", () => {
    assert.ok(readme.includes(`\n\`\`\`sh\n${CHECK}\n\`\`\`\n`));
    assert.ok(ci?.steps.some(({ run }) => run === CHECK));
  });

  test('the oldest Node that package.json allows, and none between the oldest and the newest is left out', () => {
    const oldest = Number(/^>=(\d+)$/.exec(manifest.engines.node)?.[1]);
    const supported = nodes.filter((node) => node >= oldest);
    assert.equal(supported[0], oldest);
    // Even versions are the ones with long-term support.
    for (const [index, node] of supported.entries()) assert.equal(node, oldest + 2 * index);
  });

  test('the oldest Node that the README lets start npm', () => {
    assert.equal(nodes[0], Number(/any Node from (\d+) on/.exec(readme)?.[1]));
  });

  test('Linux, macOS and Windows', () => {
    for (const system of ['ubuntu', 'macos', 'windows'])
      assert.ok(
        systems.some((os) => os.startsWith(system)),
        system,
      );
  });
});

test('every script is called by a workflow or by another script', () => {
  const scripts = readdirSync(join(root, 'scripts/workflow'));
  const texts = [
    ...workflows.map(({ text }) => text),
    JSON.stringify(manifest.scripts),
    ...scripts.map((name) =>
      readFileSync(join(root, 'scripts/workflow', name), 'utf8').replaceAll(/^(#|\/\/).*$/gm, ''),
    ),
  ];
  for (const name of scripts)
    assert.ok(
      texts.some((text) => text.includes(`/${name}`)),
      name,
    );
});

test('every shell script stops at the first error and says how it is used', () => {
  for (const name of readdirSync(join(root, 'scripts/workflow')).filter((file) => file.endsWith('.sh'))) {
    const text = readFileSync(join(root, 'scripts/workflow', name), 'utf8');
    assert.match(text, /^#!\/usr\/bin\/env bash\n# .*\n/);
    assert.match(text, /^set -euo pipefail$/m, name);
    assert.match(text, /^# .*\bUsage\b/m, name);
  }
});

/** The files of this repository that commands start. */
function scriptsOf(runs: readonly string[]): string[] {
  return runs.flatMap((run) =>
    [...run.matchAll(/(?:^|\s)((?:scripts|\.ci)\/\S+)/g)].map(([, path = '']) => path),
  );
}
