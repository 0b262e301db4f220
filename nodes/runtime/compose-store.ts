import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Consumer } from '../../src/consumer/consumer.js';
import { LevelJournal } from '../../src/journal/level.js';
import { NoJournal } from '../../src/journal/none.js';
import type { Journal, JournalLevel } from '../../src/journal/port.js';
import { DiskPayloads } from '../../src/payload/disk.js';
import { payloadSpool } from '../../src/payload/spool.js';
import { Producer } from '../../src/producer/producer.js';
import { Store } from '../../src/store/store.js';
import type { StoreObserver } from '../../src/store/store-observer.js';
import { uuidIds } from '../../src/support/ids.js';
import type { Log } from '../../src/support/log.js';
import { SystemClock } from '../../src/support/system-clock.js';
import { SystemResolver } from '../../src/support/system-resolver.js';
import { HttpsTransport } from '../../src/transport/https/transport.js';
import { NO_NETWORK } from '../../src/transport/no-network.js';
import type { Answerer, Listener } from '../../src/transport/port.js';
import { WirePeers } from '../../src/transport/wire-peers.js';
import { serveVerbs } from '../../src/transport/wire-server.js';
import { CertificateFile } from './certificate-file.js';
import { instance, type Roles } from './instance.js';
import type { StoreConfig } from './store-config.js';
import { StoreSecurity } from './store-security.js';

/** Characters of a hash that tell apart the folders of stores whose names look alike in a file system. */
const FOLDER_HASH_CHARACTERS = 8;

/** What works with a store, loaded together with it. */
export const roles: Roles = { Producer, Consumer };

/** Folders of a store on disk. */
export interface StoreFolders {
  /** Where it keeps what must survive: under Node-RED's user directory. */
  readonly own: string;
  /** Where its large payloads wait: the same, or under `largeMessagesDirectory`. */
  readonly payloads: string;
}

/** A store and what its node shows besides. */
export interface ComposedStore {
  readonly store: Store;
  readonly security: StoreSecurity;
}

/**
 * Puts a store together with its real adapters: system clock, files, HTTPS. The store is not open yet.
 * @throws RedlinkError `BAD_CONFIGURATION` where it cannot prove itself with what it was given
 */
export async function composeStore(
  config: StoreConfig,
  folders: StoreFolders,
  log: Log,
  observer: StoreObserver,
): Promise<ComposedStore> {
  const clock = new SystemClock();
  const payloads = new DiskPayloads({
    folder: folders.payloads,
    flush: config.persistence === 'power-safe',
  });
  const security = new StoreSecurity(config.security, config.options.name, log, () => {
    observer.changed();
  });
  const https = await httpsOf(config, security, folders, log);
  const transport = security.hasNetwork ? https : NO_NETWORK;
  const peers = new WirePeers(transport, clock, instance.directory, security.own);
  const { address } = config.options;

  const listen = async (answerer: Answerer): Promise<Listener> => {
    const serve = serveVerbs(answerer, {
      ...payloadSpool(payloads, config.options.maxBytes),
      learn: (from, capabilities) => {
        peers.learn(from, capabilities);
      },
      clock,
      log,
    });
    const listener = await transport.listen({ address }, serve);
    await security.certificate?.watch((identity) => {
      https.renew(identity);
    });
    const neighbour = withinProcess(answerer, security);
    instance.directory.register([address], neighbour);
    return {
      close: async () => {
        security.certificate?.close();
        instance.directory.unregister(neighbour);
        await Promise.all([listener.close(), transport.close()]);
      },
    };
  };

  const store = new Store(
    config.options,
    {
      clock,
      ids: uuidIds,
      log,
      payloads,
      journal: journalFor(config.persistence, folders.own, clock, log),
      peers,
      resolver: new SystemResolver(log),
      listen,
    },
    observer,
  );
  return { store, security };
}

function journalFor(level: JournalLevel, ownFolder: string, clock: SystemClock, log: Log): Journal {
  const folder = join(ownFolder, 'journal');
  return level === 'memory' ? new NoJournal(folder) : new LevelJournal({ folder, level, clock, log });
}

/** HTTPS as the store is set up. */
async function httpsOf(
  config: StoreConfig,
  security: StoreSecurity,
  folders: StoreFolders,
  log: Log,
): Promise<HttpsTransport> {
  return new HttpsTransport({
    tls: (await security.identity()) ?? config.identity ?? 'auto',
    keeper: new CertificateFile(join(folders.own, 'certificate.json')),
    env: process.env,
    log,
    security: security.https,
    allowPublic: config.security.mode === 'mesh' || config.security.allowPublic,
  });
}

/** A store as others of its process see it: who asks is known there, and needs no proof. */
function withinProcess(answerer: Answerer, security: StoreSecurity): Answerer {
  return {
    capabilities: answerer.capabilities,
    answer: async (verb, sender) => {
      security.admit(sender.storeName);
      return answerer.answer(verb, sender);
    },
  };
}

/** The folders of a store, by names that every file system takes and that no two stores share. */
export function foldersOf(storeName: string, userDir: string, largeMessagesDirectory: string): StoreFolders {
  const readable = storeName.replaceAll(/[^A-Za-z0-9-]+/g, '_');
  const hash = createHash('sha256').update(storeName).digest('hex').slice(0, FOLDER_HASH_CHARACTERS);
  const folder = `${readable}-${hash}`;
  const own = join(userDir, 'redlink', folder);
  const payloads = largeMessagesDirectory === '' ? own : join(largeMessagesDirectory, folder);
  return { own, payloads: join(payloads, 'payloads') };
}
