/** Large messages through a process that is killed again and again, and what is left of them on disk. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SeededRandom } from '../simulation/seeded-random.js';
import { freePort } from '../support/free-port.js';

const HOST = join(import.meta.dirname, 'leftovers-host.ts');

/** What a payload's file is called while it is written, and after. */
const PAYLOAD_FILE = /\.(partial|payload|parts)$/;

/** How it went. */
export interface Aftermath {
  readonly answered: number;
  /** Files that the killed processes had left, all lives together: without any the kills prove nothing. */
  readonly leftByKills: number;
  /** Files that are there at the end. */
  readonly left: readonly string[];
}

/** Has so many large messages answered by processes on one folder, all but the last of which are killed on the way. */
export async function sendWithKills(messages: number, kills: number, seed: string): Promise<Aftermath> {
  const folder = mkdtempSync(join(tmpdir(), 'redlink-leftovers-'));
  const random = new SeededRandom(seed);
  const files = (): string[] => readdirSync(folder).filter((name) => PAYLOAD_FILE.test(name));
  const perLife = Math.ceil(messages / (kills + 1));
  let answered = 0;
  let leftByKills = 0;
  try {
    for (let life = 0; life < kills; life += 1) {
      answered += await live(folder, 2 * perLife, random.whole(1, 2 * perLife - 1));
      leftByKills += files().length;
    }
    answered += await live(folder, Math.max(1, messages - answered), undefined);
    return { answered, leftByKills, left: files() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param killAfter - answers after which the process is killed; undefined: never. @returns how many answers it got */
async function live(folder: string, count: number, killAfter: number | undefined): Promise<number> {
  const args = ['--import', 'tsx', HOST, folder, String(await freePort()), String(count)];
  const host = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(host, 'exit');
  let answered = 0;
  for await (const line of createInterface({ input: host.stdout })) {
    assert.ok(!line.startsWith('failed'), line);
    if (line === 'answered') answered += 1;
    if (answered === killAfter) host.kill('SIGKILL');
  }
  assert.deepEqual(await exited, killAfter === undefined ? [0, null] : [null, 'SIGKILL']);
  return answered;
}
