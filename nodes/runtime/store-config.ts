import type { JournalLevel } from '../../src/journal/port.js';
import type { StoreOptions } from '../../src/store/options.js';
import type { NorthPeer } from '../../src/store/shown.js';
import { PRIVATE_RANGES } from '../../src/support/address-ranges.js';
import { RedlinkError } from '../../src/support/errors.js';
import { readSecurity, type SecurityChoice } from './security-config.js';
import type { TlsSource } from './tls-source.js';
import { booleanOr, isRecord, numberOr, textOf, textsOf } from './values.js';

/** Defaults of the store's properties (NODES.md). */
const DEFAULT_PORT = 2_000;
const LAST_PORT = 65_535;
const DEFAULT_MAX_MESSAGES = 500_000;
/** 8 GiB. */
const DEFAULT_MAX_BYTES = 8_589_934_592;
/** Characters of codec text over which a payload goes to disk (`largeMessageThreshold`). */
const DEFAULT_LARGE_THRESHOLD = 25_000;

/** What a store node is set up with, checked. */
export interface StoreConfig {
  readonly options: StoreOptions;
  readonly port: number;
  /** What of its messages survives. */
  readonly persistence: JournalLevel;
  readonly showRegistration: boolean;
  readonly showDebug: boolean;
  readonly security: SecurityChoice;
  /** Own key and certificate, PEM; undefined: the store makes its own. */
  readonly identity: { readonly key: string; readonly cert: string } | undefined;
}

/** Properties and credentials as Node-RED hands them over. */
export interface StoreSources {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hostName: string;
  /** The `tls-config` node with that id. */
  readonly tlsSource: (id: string) => TlsSource;
}

/** @throws RedlinkError `BAD_CONFIGURATION` with a reason short enough for a status. */
export function readStoreConfig(sources: StoreSources): StoreConfig {
  const { properties, credentials, settings, hostName } = sources;
  const name = textOf(properties['name']);
  const meshName = textOf(properties['meshName']);
  if (name === '') throw new RedlinkError('BAD_CONFIGURATION', 'blank name');
  if (meshName === '') throw new RedlinkError('BAD_CONFIGURATION', 'blank mesh name');
  const port = portOf(properties['listenPort'] ?? DEFAULT_PORT);
  return {
    port,
    persistence: persistenceOf(properties['persistence']),
    showRegistration: booleanOr(properties['showRegistration'], false),
    showDebug: booleanOr(properties['showDebug'], false),
    security: readSecurity(sources),
    identity: identityOf(properties, credentials),
    options: {
      name: `${meshName}:${name}`,
      address: { host: textOf(properties['listenAddress']) || hostName, port: String(port) },
      southInsert: booleanOr(properties['southInsert'], true),
      balance: booleanOr(properties['interStoreLB'], false),
      northPeers: northPeersOf(properties['headers']),
      allowedSources: rangesOf(properties['allowedSources']),
      services: {
        offer: textsOf(properties['servicesOffer']),
        produce: textsOf(properties['servicesProduce']),
        carry: textsOf(properties['servicesCarry']),
      },
      largeMessageThreshold: numberOr(settings['largeMessageThreshold'], DEFAULT_LARGE_THRESHOLD),
      maxMessages: numberOr(properties['maxMessages'], DEFAULT_MAX_MESSAGES),
      maxBytes: numberOr(properties['maxBytes'], DEFAULT_MAX_BYTES),
    },
  };
}

/** @throws RedlinkError `BAD_CONFIGURATION` where it is none of the three; a flow of 3.0.5 says nothing. */
function persistenceOf(value: unknown): JournalLevel {
  const text = textOf(value);
  switch (text) {
    case '':
      return 'crash-safe';
    case 'crash-safe':
    case 'power-safe':
    case 'memory':
      return text;
    default:
      throw new RedlinkError('BAD_CONFIGURATION', `persistence ${text} is unknown`);
  }
}

function portOf(value: unknown): number {
  const port = Number(textOf(value));
  if (Number.isInteger(port) && port > 0 && port <= LAST_PORT) return port;
  throw new RedlinkError('BAD_CONFIGURATION', `port ${textOf(value)} is not between 1 and ${LAST_PORT}`);
}

function northPeersOf(rows: unknown): NorthPeer[] {
  if (!Array.isArray(rows)) return [];
  return rows.filter(isRecord).flatMap((row) => {
    const host = textOf(row['ip']);
    if (host === '') return [];
    const address = { host, port: String(portOf(row['port'])) };
    return [{ address, redistribute: booleanOr(row['redistribute'], false) }];
  });
}

function rangesOf(value: unknown): readonly string[] {
  const ranges = textsOf(value);
  return ranges.length > 0 ? ranges : PRIVATE_RANGES;
}

/** The credential first, then what an old flow still carries in the open. */
function identityOf(
  properties: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, unknown>>,
): StoreConfig['identity'] {
  if (!booleanOr(properties['isUserCertificate'], false)) return undefined;
  const key = textOf(credentials['key']) || textOf(properties['userKey']);
  const cert = textOf(credentials['certificate']) || textOf(properties['userCertificate']);
  if (key === '' || cert === '') throw new RedlinkError('BAD_CONFIGURATION', 'key or certificate is missing');
  return { key, cert };
}
