import { MemoryDisk, MemoryJournal } from '../../src/journal/memory.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { behavesAsJournal } from './compliance.js';

describe('MemoryJournal', () => {
  for (const [name, delays] of Object.entries({
    'at once': {},
    'with delays': { commitMs: 1, answerMs: 1 },
  })) {
    describe(name, () => {
      behavesAsJournal(async () => {
        const disk = new MemoryDisk();
        return {
          journal: () => new MemoryJournal({ disk, clock: new SystemClock(), ...delays }),
          close: async () => undefined,
        };
      });
    });
  }
});
