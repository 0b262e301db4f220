import type { Address } from '../../src/protocol/address.js';
import { addressKey } from '../../src/protocol/address.js';
import type { ArrivingResponse, WireBody, WireRequest, WireResponse } from '../../src/protocol/wire.js';
import { RedlinkError } from '../../src/support/errors.js';
import type { Listener, ListenOptions, Serve, Transport } from '../../src/transport/port.js';

/** Cuts every body into such pieces, so that nobody relies on how it was written. */
const PIECE_BYTES = 10_000;

/** A transport from one store to another without a network, that notes what passed. */
export class WireLoopback implements Transport {
  readonly requests: { readonly to: string; readonly path: string; readonly body: string }[] = [];
  readonly responses: { readonly status: number; readonly headers: Readonly<Record<string, string>> }[] = [];
  private readonly serves = new Map<string, Serve>();

  async listen(options: ListenOptions, serve: Serve): Promise<Listener> {
    this.serves.set(addressKey(options.address), serve);
    return { close: async () => void this.serves.delete(addressKey(options.address)) };
  }

  async post(to: Address, request: WireRequest): Promise<ArrivingResponse> {
    const serve = this.serves.get(addressKey(to));
    if (serve === undefined) throw new RedlinkError('PEER_UNREACHABLE', 'nobody listens there');
    const parts: Uint8Array[] = [];
    for await (const piece of pieces(request.body)) parts.push(piece);
    const body = Buffer.concat(parts).toString('utf8');
    this.requests.push({ to: addressKey(to), path: request.path, body });
    const response = await serve({ ...request, remoteIp: '127.0.0.1', body: pieces(body) });
    this.responses.push({ status: response.status, headers: response.headers });
    return { status: response.status, headers: response.headers, body: sent(response) };
  }

  async close(): Promise<void> {
    this.serves.clear();
  }
}

/** The body as it arrives; the answering side hears whether all of it was taken. */
async function* sent(response: WireResponse): AsyncGenerator<Uint8Array, void, void> {
  let complete = false;
  try {
    yield* pieces(response.body);
    complete = true;
  } finally {
    response.onSent?.(complete);
  }
}

export async function* pieces(body: WireBody): AsyncGenerator<Uint8Array, void, void> {
  const chunks = typeof body === 'string' ? [Buffer.from(body, 'utf8')] : body;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
  }
}
