import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Json, property, textOf } from './json.js';

/**
 * The recordings of 3.0.5 in `test/fixtures/wire` as typed data. The README beside them says how they were
 * made; nothing is interpreted here.
 */

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'wire');

/** Who a request comes from when no store sent it. */
export const BY_HAND = 'hand-made request';

const json = z.json();
const headers = z.record(z.string(), z.coerce.string());

const nodeSchema = z
  .looseObject({ id: z.string(), type: z.string(), wires: z.array(z.array(z.string())) })
  .transform((node): FlowNode => ({
    id: node.id,
    type: node.type,
    wires: node.wires,
    properties: json.parse(node),
  }));

const answerSchema = z.union([
  z.object({ aborted: z.literal(true) }),
  z.object({ status: z.number(), headers, body: json.optional() }),
]);

const exchangeSchema = z
  .object({
    n: z.number(),
    atMs: z.number(),
    tookMs: z.number().optional(),
    from: z.string(),
    to: z.string(),
    request: z.object({ path: z.string(), body: json.optional() }),
    response: answerSchema,
  })
  .transform((raw): Exchange => ({
    n: raw.n,
    startsAtMs: raw.atMs,
    endsAtMs: raw.atMs + (raw.tookMs ?? 0),
    from: raw.from,
    to: raw.to,
    kind: kindOf(raw.request.path, raw.request.body),
    request: { path: raw.request.path, body: raw.request.body ?? null },
    answer: 'aborted' in raw.response ? undefined : answerOf(raw.response),
  }));

const recordingSchema = z.object({
  scenario: z.string(),
  about: z.string(),
  flows: z.record(z.string(), z.array(nodeSchema)),
  stores: z.array(z.object({ name: z.string(), port: z.string() })),
  steps: z.array(z.object({ atMs: z.number(), step: z.string() })),
  exchanges: z.array(exchangeSchema),
});

const outputsSchema = z.object({
  outputs: z.array(z.object({ process: z.string(), from: z.string(), msg: json, atMs: z.number() })),
});

/** One Redlink node as 3.0.5's flow held it. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly wires: readonly (readonly string[])[];
  /** Everything, the three above included. */
  readonly properties: Json;
}

export interface Request {
  readonly path: string;
  readonly body: Json;
}

/** An answer; `body` is a text where what came was no JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** One request between two stores, in the order the answering side saw it. */
export interface Exchange {
  readonly n: number;
  /** Milliseconds since the recording began. */
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Short name of a store (`S1`), or {@link BY_HAND}. */
  readonly from: string;
  readonly to: string;
  readonly kind: Kind;
  readonly request: Request;
  /** Undefined where 3.0.5 never answered. */
  readonly answer: Answer | undefined;
}

export type Kind = 'announce' | 'advertise' | 'offer' | 'confirm' | 'read' | 'reply' | 'other';

/** A message out of a node's output. */
export interface Output {
  readonly process: string;
  /** `NODE.PORT`, as in `consumer1.receive`. */
  readonly from: string;
  readonly msg: Json;
  readonly atMs: number;
}

export interface Step {
  readonly atMs: number;
  readonly step: string;
}

export interface Recording {
  readonly scenario: string;
  readonly about: string;
  /** The nodes of each Node-RED process, by the name of the process. */
  readonly flows: Readonly<Record<string, readonly FlowNode[]>>;
  readonly stores: readonly { readonly name: string; readonly port: string }[];
  readonly steps: readonly Step[];
  readonly exchanges: readonly Exchange[];
  /** Without those of debug ports, whose content is free (NODES.md, "redlink store"). */
  readonly outputs: readonly Output[];
}

/** All recordings but the admin ones, whose routes version 4 replaced (NODES.md, "Status, one table"). */
export function loadRecordings(): Recording[] {
  return readdirSync(FIXTURES)
    .filter((name) => name.endsWith('.json') && !/^(outputs|admin)-/.test(name))
    .sort()
    .map((name) => {
      const { outputs } = outputsSchema.parse(readFixture(`outputs-${name}`));
      const visible = outputs.filter((output) => !output.from.endsWith('.debug'));
      return { ...recordingSchema.parse(readFixture(name)), outputs: visible };
    });
}

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, name), 'utf8'));
}

/** Which verb a request is, by its path and its `notifyType`. */
export function kindOf(path: string, body: Json | undefined): Kind {
  switch (path === '/notify' ? textOf(body, 'notifyType') : path) {
    case 'consumerRegistration':
      return textOf(property(body, 'consumer'), 'direction') === 'store' ? 'announce' : 'advertise';
    case 'producerNotification':
      return 'offer';
    case 'confirmNotification':
      return 'confirm';
    case '/read-message':
      return 'read';
    case '/reply-message':
      return 'reply';
    default:
      return 'other';
  }
}

/** A body that was no JSON was recorded as `{ text }`. */
function answerOf(raw: { status: number; headers: Record<string, string>; body?: Json | undefined }): Answer {
  const text = property(raw.body, 'text');
  return { status: raw.status, headers: raw.headers, body: text ?? raw.body ?? null };
}
