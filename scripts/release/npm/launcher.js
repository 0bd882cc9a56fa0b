#!/usr/bin/env node
// The launcher of the npm package. Owns the choice between this system's executable and the bundle; an install script may
// have put the executable into this file's place already. Must not fail where the bundle could have answered.
import { executable } from './platform.js';

const native = executable();
// Node can become the other program, which leaves no second process between Docker and the helper; where it cannot, the
// bundle in this process answers sooner than a child would.
if (native !== undefined && process.platform !== 'win32' && typeof process.execve === 'function') {
  // Node says once that this is experimental, on a stream that clients show to people.
  process.removeAllListeners('warning');
  process.execve(native, [process.argv[1], ...process.argv.slice(2)], process.env);
}
await import('../dist/node/main.js');
