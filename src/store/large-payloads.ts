import type { ReplyRow } from '../engine/rows.js';
import type { PayloadStore } from '../payload/port.js';
import { encodeRestore, readText, textSource } from '../payload/sources.js';
import type { PayloadSource } from '../protocol/payload-source.js';
import { describe } from '../support/errors.js';
import type { Log } from '../support/log.js';
import type { Serialised } from './contract.js';

/** Codec text (base64 of UTF-16LE) takes 8 characters for 3 characters of JSON. */
const CODEC_CHARACTERS = 8;
const PER_JSON_CHARACTERS = 3;

/** JSON characters for one byte of a part: a control character of a string is `\u0000`. */
const MOST_CHARACTERS_PER_BYTE = 6;

/** Where a reply's payload is kept: in the row or in a file. */
export type KeptPayload = Pick<ReplyRow, 'text' | 'restore' | 'payloadName' | 'byteLength'>;

/** Decides what is too large for a table (`largeMessageThreshold`) and keeps that in files. */
export class LargePayloads {
  private readonly thresholdCharacters: number;

  /** @param threshold characters of codec text, over which a payload goes to disk (NODES.md, "Settings") */
  constructor(
    private readonly payloads: PayloadStore,
    threshold: number,
    private readonly log: Log,
  ) {
    this.thresholdCharacters = Math.floor((threshold * PER_JSON_CHARACTERS) / CODEC_CHARACTERS);
  }

  isLarge(text: string): boolean {
    return text.length > this.thresholdCharacters;
  }

  /** Takes a payload over, to a row or a file by its size. */
  async keep(source: PayloadSource): Promise<KeptPayload> {
    if (this.fitsIntoRow(source)) {
      const text = await readText(source);
      return {
        text,
        restore: encodeRestore(source.restore),
        payloadName: '',
        byteLength: Buffer.byteLength(text),
      };
    }
    const stored = await this.payloads.save(source);
    return {
      text: '',
      restore: encodeRestore(stored.restore),
      payloadName: stored.name,
      byteLength: stored.byteLength,
    };
  }

  private fitsIntoRow({ text, byteLength, encoding }: PayloadSource): boolean {
    if (text !== undefined) return !this.isLarge(text);
    const mostPerByte = encoding === 'parts' ? MOST_CHARACTERS_PER_BYTE : 1;
    return byteLength !== undefined && byteLength * mostPerByte <= this.thresholdCharacters;
  }

  /** Takes a small value over, whole: an error that a consumer set. */
  async inline(source: PayloadSource): Promise<Serialised> {
    return { text: await readText(source), restore: encodeRestore(source.restore) };
  }

  /** A source for what was kept. */
  source(kept: KeptPayload, restore: PayloadSource['restore']): PayloadSource {
    if (kept.payloadName === '') return textSource(kept.text, restore);
    return this.payloads.source({ name: kept.payloadName, byteLength: kept.byteLength, restore });
  }

  drop(kept: KeptPayload): void {
    if (kept.payloadName !== '') this.remove(kept.payloadName);
  }

  remove(name: string): void {
    this.payloads.remove(name).catch((error: unknown) => {
      this.log.warn(`the payload file ${name} could not be removed: ${describe(error)}`);
    });
  }
}
