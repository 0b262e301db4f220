import assert from 'node:assert/strict';
import { HostilePeer } from './hostile-peer.js';
import { Member } from './member.js';
import { Stranger, type Answer } from './stranger.js';
import { Target, type Mode, type Report } from './target.js';

/** A store under attack, with all who attack it, and what must hold whatever they do. */
export class Siege {
  private constructor(
    readonly mode: Mode,
    readonly target: Target,
    readonly stranger: Stranger,
    readonly member: Member,
    readonly peer: HostilePeer,
    private earlier: Report,
  ) {}

  static async begin(mode: Mode): Promise<Siege> {
    const peer = await HostilePeer.open();
    const target = await Target.start(mode, peer.port);
    const stranger = new Stranger(target.port);
    const member = await Member.join(target.port, mode === 'mesh' ? target.meshKey : undefined);
    return new Siege(mode, target, stranger, member, peer, await target.report());
  }

  /** What {@link unharmed} compares with from now on. */
  async look(): Promise<void> {
    this.earlier = await this.target.report();
  }

  /** What holds after every attack by who has no key. */
  async unharmed(): Promise<Report> {
    const now = await this.target.report();
    assert.equal(now.hash, this.earlier.hash, 'the state has changed');
    assert.deepEqual(now.files, this.earlier.files, 'files have come or gone');
    assert.equal(now.owned, false, 'code was run');
    return now;
  }

  /** An answer that a stranger may get: there is one, it tells nothing, and in mesh mode it refuses. */
  sound({ status, text }: Answer): void {
    assert.ok(status >= 200 && status < 500, `status ${status}: ${text}`);
    assert.doesNotMatch(text, /the secret/);
    assert.doesNotMatch(text, /\bat .*\.[jt]s:\d+/, 'a stack');
    if (this.mode === 'mesh') assert.equal(status, 401);
  }

  async end(): Promise<void> {
    this.stranger.close();
    await this.member.close();
    await this.target.stop();
    await this.peer.close();
  }
}
