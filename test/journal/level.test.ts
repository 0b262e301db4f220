import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelJournal } from '../../src/journal/level.js';
import { SILENT_LOG } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { behavesAsJournal } from './compliance.js';

describe('LevelJournal', () => {
  for (const level of ['crash-safe', 'power-safe'] as const) {
    describe(level, () => {
      behavesAsJournal(async () => {
        const base = await mkdtemp(join(tmpdir(), 'redlink-journal-'));
        const clock = new SystemClock();
        return {
          journal: () =>
            new LevelJournal({ folder: join(base, 'not', 'yet'), level, clock, log: SILENT_LOG }),
          close: () => rm(base, { recursive: true }),
        };
      });
    });
  }
});
