import type { Verb, VerbName, VerbNamed } from '../verbs.js';
import { advertise } from './advertise.js';
import type { VerbCodec } from './codec.js';
import { confirm } from './confirm.js';
import { offer } from './offer.js';
import { probe } from './probe.js';
import { read } from './read.js';
import { recall } from './recall.js';
import { renew } from './renew.js';
import { reply } from './reply.js';
import { taken } from './taken.js';
import { vacancy } from './vacancy.js';

/** The verbs that travel in batches between new stores: a file each, and a line here. */
const CODECS = { advertise, confirm, offer, probe, read, recall, renew, reply, taken, vacancy } satisfies {
  readonly [Name in VerbName]?: VerbCodec<Name>;
};

/** Name of a verb that can travel in a batch. */
export type BatchedName = keyof typeof CODECS;

export function isBatched(name: unknown): name is BatchedName {
  return typeof name === 'string' && Object.hasOwn(CODECS, name);
}

export function codecOf<Name extends BatchedName>(name: Name): VerbCodec<Name> {
  const codecs: { readonly [Each in BatchedName]: VerbCodec<Each> } = CODECS;
  return codecs[name];
}

export function isBatchedVerb(verb: Verb): verb is VerbNamed<BatchedName> {
  return isBatched(verb.verb);
}
