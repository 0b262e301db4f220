/** Packs this package and installs it as Node-RED's palette manager does. */
import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** What the palette manager of Node-RED 4.1 and 5.0 passes to `npm install` (its registry/lib/installer.js). */
const PALETTE_OPTIONS = [
  '--no-audit',
  '--no-update-notifier',
  '--no-fund',
  '--save',
  '--save-prefix=~',
  '--omit=dev',
  '--engine-strict',
];

/** Bytes in one of the blocks that `lstat` counts in. */
const BLOCK_BYTES = 512;

const packed = z.array(z.object({ filename: z.string() })).length(1);

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ hasInstallScript: z.boolean().default(false), optional: z.boolean().default(false) }),
  ),
});

/** A package in a `node_modules`, by the path to it. */
export interface InstalledPackage {
  readonly path: string;
  readonly hasInstallScript: boolean;
  /** Its absence would be no error. */
  readonly optional: boolean;
}

/** @returns the path of the tarball that `npm pack` makes, in a folder of its own. */
export async function pack(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'redlink-pack-'));
  const { stdout } = await npm(['pack', '--silent', '--json', '--pack-destination', folder], root);
  // The build prints to the same place, before npm does.
  const [tarball] = packed.parse(JSON.parse(stdout.slice(stdout.search(/^\[/m))));
  if (tarball === undefined) {
    throw new Error(`npm pack made no tarball:\n${stdout}`);
  }
  return join(folder, tarball.filename);
}

/** @returns a new Node-RED user directory with the package installed in it. */
export async function installAsPalette(tarball: string): Promise<string> {
  const userDir = mkdtempSync(join(tmpdir(), 'redlink-install-'));
  writeFileSync(
    join(userDir, 'package.json'),
    JSON.stringify({
      name: 'node-red-project',
      description: 'A Node-RED Project',
      version: '0.0.1',
      private: true,
    }),
  );
  await npm(['install', ...PALETTE_OPTIONS, '--', tarball], userDir);
  return userDir;
}

function npm(args: string[], cwd: string): Promise<{ stdout: string }> {
  const cli = process.env['npm_execpath'];
  return cli === undefined ? run('npm', args, { cwd }) : run(process.execPath, [cli, ...args], { cwd });
}

/** Every package that npm installed below the folder, bundled ones included. */
export function installedPackages(folder: string): InstalledPackage[] {
  const text = readFileSync(join(folder, 'node_modules', '.package-lock.json'), 'utf8');
  return Object.entries(lockfile.parse(JSON.parse(text)).packages).map(([path, entry]) => ({
    path,
    ...entry,
  }));
}

/** Bytes that the folder and everything in it take on disk, as `du` counts them. */
export function bytesOnDisk(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).reduce(
    (sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).blocks * BLOCK_BYTES,
    lstatSync(folder).blocks * BLOCK_BYTES,
  );
}
