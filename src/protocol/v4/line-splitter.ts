import { MAX_BODY_BYTES } from '../limits.js';
import { RedlinkError } from '../../support/errors.js';
import { bodyTooLarge } from '../v3/json-body.js';

/** Cuts bytes that come in pieces into lines of text. */
export class LineSplitter {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  /** What came of the line that has not ended yet: put together once, since it may come byte by byte. */
  private rest: string[] = [];
  private restChars = 0;

  /**
   * The lines that end in this piece, without their line feeds.
   * @throws RedlinkError `BAD_REQUEST` where the bytes are not UTF-8, `BODY_TOO_LARGE` where a line does not end
   */
  push(piece: Uint8Array): readonly string[] {
    const [first = '', ...others] = this.decode(piece).split('\n');
    this.rest.push(first);
    this.restChars += first.length;
    const last = others.pop();
    if (last === undefined) {
      this.mustEnd();
      return [];
    }
    const lines = [this.rest.join(''), ...others];
    this.rest = [last];
    this.restChars = last.length;
    this.mustEnd();
    return lines;
  }

  private mustEnd(): void {
    if (this.restChars > MAX_BODY_BYTES) throw bodyTooLarge(MAX_BODY_BYTES);
  }

  private decode(piece: Uint8Array): string {
    try {
      return this.decoder.decode(piece, { stream: true });
    } catch (thrown) {
      throw new RedlinkError('BAD_REQUEST', 'The body is not UTF-8.', thrown);
    }
  }
}
