/** Either side of an echo over `node:https`, told over the channel what to do. */
const https = require('node:https');

function serve({ key, cert }) {
  const server = https.createServer({ key, cert }, (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => response.end(Buffer.concat(chunks)));
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}

const agent = new https.Agent({ keepAlive: true, maxSockets: 64, rejectUnauthorized: false });

function post(port, body) {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: '127.0.0.1', port, method: 'POST', agent }, (response) => {
      response.on('data', () => undefined);
      response.on('end', resolve);
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function loop({ port, inFlight, ms, bytes }) {
  const latencies = [];
  const body = 'x'.repeat(bytes);
  const endsAt = performance.now() + ms;
  const one = async () => {
    while (performance.now() < endsAt) {
      const at = performance.now();
      await post(port, body);
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  latencies.sort((a, b) => a - b);
  const quantile = (part) => latencies[Math.floor((latencies.length - 1) * part)];
  process.send({ perSecond: (latencies.length / ms) * 1_000, p50: quantile(0.5), p99: quantile(0.99) });
}

process.on('message', process.argv[2] === 'server' ? serve : (order) => void loop(order));
process.on('disconnect', () => process.exit());
