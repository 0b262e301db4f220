import { MemoryPayloads } from '../../src/payload/memory.js';
import { behavesAsPayloadStore } from './compliance.js';

describe('MemoryPayloads', () => {
  behavesAsPayloadStore(async () => {
    const payloads = new MemoryPayloads();
    return { payloads, count: async () => payloads.size, close: async () => undefined };
  });
});
