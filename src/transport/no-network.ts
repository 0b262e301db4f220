import { RedlinkError } from '../support/errors.js';
import { openBody, release } from './body-chunks.js';
import type { ArrivingResponse, WireRequest } from '../protocol/wire.js';
import type { Address } from '../protocol/address.js';
import type { Listener, Transport } from './port.js';

/**
 * Carries nothing: for a store in mesh mode that cannot prove yet that it belongs, and serves its own process
 * alone (SECURITY.md).
 */
export const NO_NETWORK: Transport = {
  async listen(): Promise<Listener> {
    return { close: async () => undefined };
  },
  async post(_to: Address, request: WireRequest): Promise<ArrivingResponse> {
    if (typeof request.body !== 'string') release(openBody(request.body));
    throw new RedlinkError(
      'NO_MESH_KEY',
      'this store has no mesh key or certificate, and serves its own process',
    );
  },
  async close() {
    // Nothing is open.
  },
};
