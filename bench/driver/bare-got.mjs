/** Either side of a `got` stream, told over the channel what to do. */
import { Agent, createServer } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import got from 'got';

/** As large as a piece of a file or of a Buffer that goes out. */
const PIECE_BYTES = 65_536;
const agent = { https: new Agent({ keepAlive: true }) };

function serve({ key, cert }) {
  const server = createServer({ key, cert }, (request, response) => {
    let bytes = 0;
    request.on('data', (piece) => (bytes += piece.length));
    request.on('end', () => response.end(String(bytes)));
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

function* pieces(bytes) {
  const piece = Buffer.alloc(PIECE_BYTES, 'x');
  for (let left = bytes; left > 0; left -= PIECE_BYTES) yield piece.subarray(0, Math.min(left, PIECE_BYTES));
}

async function send({ port, bytes, times }) {
  const startedAt = performance.now();
  for (let nth = 0; nth < times; nth += 1) {
    const request = got.stream.post(`https://127.0.0.1:${port}/`, {
      agent,
      retry: { limit: 0 },
      https: { rejectUnauthorized: false },
    });
    request.resume();
    await pipeline(Readable.from(pieces(bytes)), request);
  }
  process.send({ ms: performance.now() - startedAt });
}

process.on('message', process.argv[2] === 'server' ? serve : (order) => void send(order));
process.on('disconnect', () => process.exit());
