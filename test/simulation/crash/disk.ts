import { MemoryDisk } from '../../../src/journal/memory.js';
import type { JournalWrite, RecordKind } from '../../../src/journal/port.js';
import { MemoryPayloads } from '../../../src/payload/memory.js';
import type { StoredPayload } from '../../../src/payload/port.js';
import type { PayloadSource } from '../../../src/protocol/payload-source.js';
import { MS_PER_SECOND } from '../../../src/support/clock.js';
import { RedlinkError } from '../../../src/support/errors.js';
import type { VirtualClock } from '../virtual-clock.js';

const KINDS: readonly RecordKind[] = ['message', 'mark', 'reply', 'keptReply'];

/** How long what was written may wait for the disk itself at the level `crash-safe`, ms. */
const FLUSH_WITHIN_MS = MS_PER_SECOND;

/** The disk of one store, over all lives of its process. */
export class CrashDisk extends MemoryDisk {
  readonly payloads = new CrashPayloads();
  /** Written and not yet on the disk itself: a power cut takes it away. Always empty where `powerSafe`. */
  readonly unflushed = new Set<string>();
  #flushed = new Map<RecordKind, Map<string, string>>();
  #full = false;
  #wellSinceMs = -Infinity;
  #lostSomething = false;

  constructor(
    private readonly clock: VirtualClock,
    private readonly powerSafe: boolean,
  ) {
    super();
  }

  set full(full: boolean) {
    this.#full = full;
    this.#wellSinceMs = this.clock.now();
    this.failures = full ? Infinity : 0;
    this.payloads.full = full;
  }

  /** Whether a power cut took something away. */
  get lostSomething(): boolean {
    return this.#lostSomething;
  }

  /** How long it has taken whatever was written, ms. */
  get wellForMs(): number {
    return this.#full ? 0 : this.clock.now() - this.#wellSinceMs;
  }

  override apply(writes: readonly JournalWrite[]): void {
    super.apply(writes);
    if (this.powerSafe) return;
    if (this.unflushed.size === 0) {
      this.clock.after(FLUSH_WITHIN_MS, () => {
        this.#flush();
      });
    }
    for (const write of writes) this.unflushed.add(write.id);
  }

  /** What was not flushed is as it was before. */
  cutPower(): void {
    if (this.powerSafe) return;
    this.#lostSomething ||= this.unflushed.size > 0;
    for (const kind of KINDS) {
      const records = this.ofKind(kind);
      records.clear();
      for (const [id, value] of this.#flushed.get(kind) ?? []) records.set(id, value);
    }
    this.unflushed.clear();
  }

  /** Number of records of all kinds. */
  get size(): number {
    return KINDS.reduce((sum, kind) => sum + this.ofKind(kind).size, 0);
  }

  /** Whether the message is there, however the process is. */
  has(messageId: string): boolean {
    return this.ofKind('message').has(messageId);
  }

  #flush(): void {
    this.#flushed = new Map(KINDS.map((kind) => [kind, new Map(this.ofKind(kind))]));
    this.unflushed.clear();
  }
}

/** Files that a full disk does not take. */
class CrashPayloads extends MemoryPayloads {
  full = false;

  override async save(source: PayloadSource): Promise<StoredPayload> {
    if (this.full) throw new RedlinkError('PAYLOAD_IO', 'The payload could not be written: the disk is full');
    return super.save(source);
  }
}
