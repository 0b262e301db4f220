import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Channel, PeerCertificate } from '../../security/membership.js';
import { RedlinkError } from '../../support/errors.js';

/** Label and length of the secret that both ends of a TLS connection can derive (RFC 9266). */
const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
const EXPORTER_BYTES = 32;

/** What TLS says of a connection, seen from the side that connected. Node gives the certificate only once: ask once. */
export function channelOfClient(socket: TLSSocket): Channel {
  const certificate = socket.getPeerX509Certificate();
  return {
    exporter: exporterOf(socket),
    fingerprint: certificate?.fingerprint256 ?? '',
    peerCertificate: certificate && shown(certificate, socket),
  };
}

/** What TLS says of a connection, seen from the side that listens. Ask once for each connection. */
export function channelOfServer(socket: TLSSocket): Channel {
  const certificate = socket.getPeerX509Certificate();
  return {
    exporter: exporterOf(socket),
    fingerprint: socket.getX509Certificate()?.fingerprint256 ?? '',
    peerCertificate: certificate && shown(certificate, socket),
  };
}

/** SHA-256 of a certificate in PEM. */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

function shown(certificate: X509Certificate, socket: TLSSocket): PeerCertificate {
  return { trusted: socket.authorized, alternativeNames: certificate.subjectAltName };
}

/** @throws RedlinkError `PEER_UNREACHABLE` where the connection has ended meanwhile. */
function exporterOf(socket: TLSSocket): string {
  try {
    return socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)).toString('base64');
  } catch (thrown) {
    throw new RedlinkError('PEER_UNREACHABLE', 'the connection closed', thrown);
  }
}
