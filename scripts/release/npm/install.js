// The install script of the npm package. Owns one step: to put this system's executable into the launcher's place, so that the
// command starts without Node. Must not fail an install: whatever goes wrong, the launcher still works.
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { executable } from './platform.js';

const native = executable();
const launcher = fileURLToPath(new URL('./docker-credential-ecr-login.js', import.meta.url));
const staged = `${launcher}.new`;
// On Windows, and under Yarn, the command is a script that runs this file with Node.
if (
  native !== undefined &&
  process.platform !== 'win32' &&
  !/\byarn\b/.test(process.env.npm_config_user_agent ?? '')
) {
  try {
    if (spawnSync(native, ['version']).status === 0) {
      try {
        linkSync(native, staged);
      } catch {
        copyFileSync(native, staged);
      }
      renameSync(staged, launcher);
    }
  } catch {
    rmSync(staged, { force: true });
  }
}
