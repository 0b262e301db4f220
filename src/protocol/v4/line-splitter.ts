import { MAX_BODY_BYTES } from '../limits.js';
import { RedlinkError } from '../../support/errors.js';
import { bodyTooLarge } from '../v3/json-body.js';

/** Cuts bytes that come in pieces into lines of text. */
export class LineSplitter {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private rest = '';

  /**
   * The lines that end in this piece, without their line feeds.
   * @throws RedlinkError `BAD_REQUEST` where the bytes are not UTF-8, `BODY_TOO_LARGE` where a line does not end
   */
  push(piece: Uint8Array): readonly string[] {
    const lines = (this.rest + this.decode(piece)).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > MAX_BODY_BYTES) throw bodyTooLarge(MAX_BODY_BYTES);
    return lines;
  }

  private decode(piece: Uint8Array): string {
    try {
      return this.decoder.decode(piece, { stream: true });
    } catch (thrown) {
      throw new RedlinkError('BAD_REQUEST', 'The body is not UTF-8.', thrown);
    }
  }
}
