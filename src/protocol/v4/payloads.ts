import { z } from 'zod';
import { MAX_BATCHED_PAYLOAD_CHARS } from '../limits.js';
import type { PayloadSource } from '../payload-source.js';
import { hintsFromWire, hintsToWire } from '../v3/restore-hints.js';
import { textSource } from '../v3/sources.js';

/** Values inside a batch: their JSON text as a text, and what JSON loses of them. */

/** A value as it travels. */
interface WirePayload {
  readonly text: string;
  readonly restore?: unknown;
}

/** Whoever revives the value finds out whether its text is JSON, as with one that comes as a stream. */
export const payloadField = z
  .object({ text: z.string(), restore: z.unknown().optional() })
  .transform(({ text, restore }): PayloadSource => textSource(text, hintsFromWire(restore)));

/** The value as it travels; undefined where it is not in memory, or too large for a batch. */
export function payloadToWire({ text, restore }: PayloadSource): WirePayload | undefined {
  if (text === undefined || text.length > MAX_BATCHED_PAYLOAD_CHARS) return undefined;
  const hints = hintsToWire(restore);
  return hints === undefined ? { text } : { text, restore: hints };
}
