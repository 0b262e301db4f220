/** A store as its node puts it together, without Node-RED around it. */
import { composeStore, foldersOf } from '../../nodes/runtime/compose-store.js';
import { readStoreConfig } from '../../nodes/runtime/store-config.js';
import type { Store } from '../../src/store/store.js';
import { UNOBSERVED, type StoreObserver } from '../../src/store/store-observer.js';
import { SILENT_LOG, type Log } from '../../src/support/log.js';

/** What is around it, where that matters. */
export interface Around {
  readonly log?: Log;
  readonly observer?: StoreObserver;
}

/**
 * @param properties those of the store's node; it has neither credentials nor `tls-config` nodes
 * @param folder in the place of Node-RED's user directory
 */
export async function composePlainStore(
  properties: Readonly<Record<string, unknown>>,
  folder: string,
  { log = SILENT_LOG, observer = UNOBSERVED }: Around = {},
): Promise<Store> {
  const sources = { properties, credentials: {}, settings: {}, hostName: 'localhost' };
  const config = readStoreConfig({ ...sources, tlsSource: noTlsSource });
  const folders = foldersOf(config.options.name, folder, '');
  return (await composeStore(config, folders, log, observer)).store;
}

function noTlsSource(): never {
  throw new Error('there are no tls-config nodes here');
}
