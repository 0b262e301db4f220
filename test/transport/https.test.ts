import type { Transport } from '../../src/transport/port.js';
import { transportCompliance, type Arena } from './compliance.js';
import { httpsArena } from './https-arena.js';

/** The same with every request that may go the quick way going it. */
async function quickArena(): Promise<Arena> {
  const arena = await httpsArena();
  return {
    ...arena,
    transport: (): Transport => {
      const inner = arena.transport();
      return {
        listen: (options, serve) => inner.listen(options, serve),
        post: (to, request, limits) => inner.post(to, { ...request, quick: true }, limits),
        close: () => inner.close(),
      };
    },
  };
}

transportCompliance('HTTPS', () => httpsArena());
transportCompliance('HTTPS, the quick way for short texts', quickArena);
