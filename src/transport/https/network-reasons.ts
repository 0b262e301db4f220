import { asError, systemCode } from '../../support/errors.js';

/** What the system and the TLS library call by a name or in their own jargon, in words. */
const REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed, and none that is trusted',
  EACCES: 'the system does not permit it',
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EAI_AGAIN: 'the name server does not answer',
  ECONNABORTED: 'the connection was cut',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTDOWN: 'the machine is down',
  EHOSTUNREACH: 'there is no way to that machine',
  EMFILE: 'too many files and connections are open',
  ENETDOWN: 'the network is down',
  ENETUNREACH: 'there is no way to that network',
  ENOTFOUND: 'there is no machine of that name',
  EPERM: 'the system does not permit it',
  EPIPE: 'the connection was cut',
  EPROTO: 'what answers there does not speak TLS as it should',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ETIMEDOUT: 'there was no answer in time',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by a CA that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by a CA that is not trusted',
};

/** @returns what went wrong on the network, in words; the system's name of it follows, to be searched for. */
export function networkReason(thrown: unknown): string {
  const code = systemCode(thrown);
  if (code === undefined) return asError(thrown).message;
  return `${REASONS[code] ?? asError(thrown).message} (${code})`;
}
