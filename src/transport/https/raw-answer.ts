import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const STATUS_BY_CODE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/**
 * Answers what Node could not parse as a request, and closes. There is no response object to do it with.
 * @param underWay the answer that is being written on this connection; its bytes must not be mixed with.
 * @param lingerMs how long the other side may take to read it.
 */
export function answerRaw(
  error: Error,
  socket: Duplex,
  underWay: ServerResponse | undefined,
  lingerMs: number,
): void {
  const writing = underWay !== undefined && underWay.headersSent && !underWay.writableFinished;
  if (writing || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const body = JSON.stringify({ error: 'the request cannot be read', code: 'BAD_REQUEST' });
  const head = [
    `HTTP/1.1 ${STATUS_BY_CODE[code] ?? '400 Bad Request'}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => {
    socket.destroy();
  });
  const linger = setTimeout(() => {
    socket.destroy();
  }, lingerMs);
  socket.once('close', () => {
    clearTimeout(linger);
  });
}
