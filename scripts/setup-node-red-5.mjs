/**
 * Installs Node-RED 5 and the Node 24 that it needs into `test/node-red-5/`, once: where they are there already, it
 * does nothing. `npm ci` runs it (script `dependencies` of package.json) with `--optional`: a failure does not spoil
 * the installation then. `npm test` runs it again, and there it has to succeed.
 *
 * Node comes from the npm packages that carry its binary, one per platform; npm picks the one that fits. The folder
 * is no part of the main tree, so its `node` never comes first on the PATH of an npm script.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'test', 'node-red-5');

/** What npm writes last, a copy of the lockfile: there only after a complete installation. */
const installed = join(folder, 'node_modules', '.package-lock.json');

/** Whether what is installed is what the lockfile asks for; packages for other platforms may be missing. */
function isUpToDate() {
  if (!existsSync(installed)) {
    return false;
  }
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const isTheFolderItself = path === '';
    return isTheFolderItself || (path in present ? present[path].version === version : optional === true);
  });
}

function install() {
  console.log('Installing Node-RED 5 with Node 24 for the tests into test/node-red-5 …');
  // npm is the one that runs this script; its install scripts are not needed by anything in there. It warns
  // that Node-RED 5 wants a newer Node than the one that npm runs on, which is what the folder is for.
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const npmCli = process.env['npm_execpath'];
  const run =
    npmCli === undefined
      ? spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npmCli, ...args], { cwd: folder, stdio: 'inherit' });
  return run.status ?? 1;
}

if (!isUpToDate()) {
  const exitCode = install();
  if (exitCode !== 0 && process.argv.includes('--optional')) {
    console.warn('Node-RED 5 could not be installed; `npm test` will try again.');
  } else {
    process.exitCode = exitCode;
  }
}
