// Owns the fuzzing of Docker's config, of what `configure` and `doctor` make of it, and of the record of what was changed.
// Invariants: no login is shown to anybody, nothing but the edit changes, and what is written is read again as it was.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import fc from 'fast-check';
import { findMember, parseObject, removeMember, setString, stringAt } from '../../src/docker/json-text.ts';
import { formatLedger, parseLedger } from '../../src/docker/ledger.ts';
import { redact } from '../../src/docker/redact.ts';
import { environmentLogins, loginsIn } from '../../src/docker/shadows.ts';
import { unifiedDiff } from '../../src/docker/unified-diff.ts';
import { checkEntries } from '../../src/doctor/client-entries.ts';
import { HOST } from './fixtures.ts';
import { countCases, fuzz, onlyTyped, SECRET } from './fuzz.ts';
import { anyJson, BORN_WITH, damagedText, nasty, objectWith, realHost, strange } from './fuzz-arbitraries.ts';

countCases(25_000);

const docker = objectWith({
  auths: fc.dictionary(
    fc.oneof(realHost, strange, fc.constantFrom(...BORN_WITH)),
    fc.oneof(fc.constant({ auth: SECRET, identitytoken: SECRET }), anyJson),
  ),
  credHelpers: fc.dictionary(
    fc.oneof(realHost, strange, fc.constantFrom(...BORN_WITH)),
    fc.oneof(fc.constantFrom('ecr-login', 'pass', '', 'docker-credential-ecr-login'), anyJson),
  ),
  credsStore: fc.constantFrom('ecr-login', 'desktop', '../../x'),
  HttpHeaders: fc.constant({ 'X-Auth': SECRET }),
  credHelper: fc.constant({}),
});

describe("Docker's config", () => {
  const parsed = (text: string) => onlyTyped(() => parseObject(text, '/f'));
  fuzz('shows no login to anybody', damagedText(docker), (text) => {
    if (parsed(text) === undefined) return;
    const shown = redact(text, '/f');
    assert.ok(!shown.includes(SECRET));
    assert.ok(!unifiedDiff('/f', shown, `${shown}x`).includes(SECRET));
    assert.ok(
      !JSON.stringify([loginsIn(text), environmentLogins({ DOCKER_AUTH_CONFIG: text }, [HOST])]).includes(
        SECRET,
      ),
    );
    assert.equal(typeof JSON.parse(shown), 'object');
  });
  fuzz('is judged without a secret, and without what objects are born with', docker, (value) => {
    const found = checkEntries({ client: 'docker', path: '/f', value: { ...value } }, { env: {}, rules: [] });
    const told = JSON.stringify(found);
    assert.ok(!told.includes(SECRET) && !told.includes('[native code]') && !told.includes('[object'), told);
    for (const { text, fix } of found) assert.doesNotMatch(`${text}${fix}`, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
  fuzz(
    'an edit is read back, and nothing else changes',
    fc.tuple(
      docker,
      fc.oneof(realHost, fc.constantFrom(...BORN_WITH), strange),
      nasty,
      fc.constantFrom(undefined, 2, '\t'),
    ),
    ([value, name, helper, indent]) => {
      const text = JSON.stringify(value, undefined, indent);
      const edited = onlyTyped(() => setString(text, '/f', ['credHelpers', name], helper, '\t'));
      if (edited === undefined) return;
      const root = parseObject(edited, '/f');
      assert.equal(stringAt(root, ['credHelpers', name]), helper);
      const rest = (json: string): unknown =>
        Object.entries(JSON.parse(json)).filter(([member]) => member !== 'credHelpers');
      assert.deepEqual(rest(edited), rest(text));
      const undone = removeMember(edited, '/f', ['credHelpers', name]);
      assert.equal(findMember(parseObject(undone, '/f'), 'nothing'), undefined);
      assert.deepEqual(rest(undone), rest(text));
    },
  );
  const string = fc.record(
    {
      kind: fc.constant('string' as const),
      at: fc.oneof(fc.tuple(strange), fc.tuple(strange, strange)),
      value: strange,
      before: strange,
    },
    { noNullPrototype: true },
  );
  const ruleEdit = fc.record(
    { kind: fc.constant('rule' as const), match: strange, profile: strange },
    { noNullPrototype: true },
  );
  const ledger = fc.record(
    {
      existed: fc.boolean(),
      madeDirectory: strange,
      made: fc.array(strange),
      edits: fc.array(fc.oneof(string, ruleEdit), { maxLength: 3 }),
    },
    { noNullPrototype: true },
  );
  fuzz('parse(format(ledger)) is the ledger', ledger, (value) => {
    assert.deepEqual(parseLedger(formatLedger(value)), value);
  });
  fuzz(
    'a ledger of any content is one or none',
    damagedText(
      objectWith({
        version: fc.constant(1),
        existed: fc.boolean(),
        made: fc.array(strange),
        edits: fc.array(anyJson),
      }),
    ),
    (text) => {
      const found = parseLedger(text);
      assert.ok(found === undefined || Array.isArray(found.edits));
    },
  );
});
