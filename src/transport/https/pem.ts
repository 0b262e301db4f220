import { RedlinkError } from '../../support/errors.js';

/** Width of a PEM line (RFC 7468, section 2). */
const PEM_LINE_CHARACTERS = 64;

/** Between the dashes white space may be lost or doubled; `END` must name what `BEGIN` named. */
const BLOCK = /-----\s*BEGIN\s*([A-Z0-9 ]+?)\s*-----(.*?)-----\s*END\s*([A-Z0-9 ]+?)\s*-----/gs;

/** Labels in use for keys and certificates, to be found again where the blanks inside them are lost. */
const LABELS = [
  'CERTIFICATE',
  'X509 CERTIFICATE',
  'TRUSTED CERTIFICATE',
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
];

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The private key in a pasted text, as proper PEM. @throws RedlinkError `BAD_CONFIGURATION` */
export function repairKey(text: string): string {
  const key = blocks(text).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (key === undefined) throw unreadable('the key is not a PEM private key without a password');
  return key.pem;
}

/** The certificates in a pasted text, in their order, as proper PEM. @throws RedlinkError `BAD_CONFIGURATION` */
export function repairCertificate(text: string): string {
  const chain = blocks(text).filter(({ label }) => label.endsWith('CERTIFICATE'));
  if (chain.length === 0) throw unreadable('the certificate is not in PEM form');
  return chain.map(({ pem }) => pem).join('');
}

interface Block {
  readonly label: string;
  readonly pem: string;
}

/**
 * The blocks of a PEM text that may have been through a one-line field: line breaks gone, turned into
 * blanks, or written as the two characters `\n`.
 */
function blocks(text: string): Block[] {
  const found: Block[] = [];
  for (const [, begin = '', body = '', end = ''] of text.replaceAll(/\\r|\\n/g, '\n').matchAll(BLOCK)) {
    const label = knownLabel(begin);
    const base64 = body.replaceAll(/\s/g, '');
    if (label === undefined || knownLabel(end) !== label || !BASE64.test(base64)) continue;
    found.push({ label, pem: wrapped(label, base64) });
  }
  return found;
}

function knownLabel(text: string): string | undefined {
  const bare = text.replaceAll(' ', '');
  return LABELS.find((label) => label.replaceAll(' ', '') === bare);
}

function wrapped(label: string, base64: string): string {
  const lines: string[] = [];
  for (let start = 0; start < base64.length; start += PEM_LINE_CHARACTERS) {
    lines.push(base64.slice(start, start + PEM_LINE_CHARACTERS));
  }
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function unreadable(text: string): RedlinkError {
  return new RedlinkError('BAD_CONFIGURATION', text);
}
