// Owns every credential source, for real: each executable gets a token as the right identity, the second `get` asks nobody
// but whom the identity needs, and no secret is left behind. What goes wrong with a source is in sources-failures.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { executables } from '../support/executables.ts';
import { assertOutcome, credentials, onlyPassword, operations } from '../support/expect.ts';
import { NO_KEYS } from '../support/sources.ts';
import { HOST, openWorld } from '../support/world.ts';
import { profileSources } from './tables/profile-sources.ts';
import { sources } from './tables/sources.ts';

for (const executable of executables) {
  describe(`sources, ${executable.name}`, { concurrency: 2 }, () => {
    for (const { name, arrange, arn, asked, askedAtHit = [] } of [...sources, ...profileSources])
      test(name, async (t) => {
        const world = await openWorld(t, executable, { env: NO_KEYS });
        // A proxy that nobody answers at: what is on this machine or its link must not go there.
        const proxy = {
          HTTP_PROXY: 'http://127.0.0.1:9',
          http_proxy: 'http://127.0.0.1:9',
          NODE_USE_ENV_PROXY: '1',
          // Node 22 says of that variable that it is an experiment.
          NODE_OPTIONS: '--disable-warning=UNDICI-EHPA',
        };
        const env = { ...proxy, ...arrange(world) };
        const first = await world.get(HOST, env);
        assert.equal(first.stderr, '');
        assert.deepEqual(operations(world), asked);
        assertOutcome(first, credentials(HOST, onlyPassword(world)));
        const caller = world.aws.mintedTokens[0]?.arn ?? '';
        if (typeof arn === 'string') assert.equal(caller, arn);
        else assert.match(caller, arn);
        for (const { service, method, headers } of world.aws.requests)
          if (service === 'imds' && method === 'GET') assert.ok(headers['x-aws-ec2-metadata-token']);
        world.aws.requests.length = 0;
        assertOutcome(await world.get(HOST, env), credentials(HOST, onlyPassword(world)));
        assert.deepEqual(operations(world), askedAtHit);
      });
  });
}
