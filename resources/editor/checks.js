/**
 * What can be said against a value in a form. Each check takes a value as the form or the flow holds it and
 * gives nothing where it is fine, or the problem: a key of the catalogue (`redlink.check.KEY`), with values.
 * Blank values and environment variables (`${PORT}`) are always fine here: the node knows what they mean.
 */
const HIGHEST_PORT = 65_535;
const BITS_OF_IPV4 = 32;
const BITS_OF_IPV6 = 128;
/** A mesh key: 32 bytes in base64url. */
const MESH_KEY = /^[A-Za-z0-9_-]{43}$/;
const ENVIRONMENT_VARIABLE = /\$\{[^}]+\}/;
/** What Node-RED shows instead of a credential that is set. */
export const HIDDEN = '__PWRD__';

export const blank = (value) => String(value ?? '').trim() === '';
export const left = (value) => blank(value) || ENVIRONMENT_VARIABLE.test(String(value));

/** @returns a check that blanks and environment variables always pass. */
const unlessLeft = (check) => (value) => (left(value) ? undefined : check(String(value).trim()));

export const number = unlessLeft((text) => (Number.isNaN(Number(text)) ? { key: 'number' } : undefined));

/** @returns a check for a whole number of at least `least`. */
export const wholeNumber = (least) =>
  unlessLeft((text) => {
    const value = Number(text);
    return Number.isInteger(value) && value >= least ? undefined : { key: 'whole', least };
  });

/** @returns a check for a number over 0. */
export const positive = unlessLeft((text) => (Number(text) > 0 ? undefined : { key: 'positive' }));

export const port = unlessLeft((text) => {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= HIGHEST_PORT ? undefined : { key: 'port' };
});

export const host = unlessLeft((text) => {
  if (/^[a-z]+:\/\//i.test(text)) return { key: 'hostScheme' };
  if (isIpv6(text.replace(/^\[(.*)\]$/, '$1'))) return undefined;
  if (/^[^:]+:\d+$/.test(text)) return { key: 'hostPort' };
  if (/^[\d.]+$/.test(text)) return isIpv4(text) ? undefined : { key: 'host' };
  return /[\s/:?#@[\]\\]/.test(text) ? { key: 'host' } : undefined;
});

/** An address, or a range of addresses in CIDR notation. */
export const range = unlessLeft((text) => {
  const [address = '', bits, ...more] = text.split('/');
  const most = isIpv4(address) ? BITS_OF_IPV4 : isIpv6(address) ? BITS_OF_IPV6 : undefined;
  const bitsFit = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (most ?? 0));
  return most !== undefined && more.length === 0 && bitsFit ? undefined : { key: 'range', range: text };
});

/** @returns the first problem in a list of ranges. */
export function ranges(list) {
  return (list ?? []).map(range).find(Boolean);
}

export const meshKey = unlessLeft((text) =>
  text === HIDDEN || MESH_KEY.test(text) ? undefined : { key: 'meshKey' },
);

/** A key or certificate, whose line breaks may have got lost. */
export const pem = unlessLeft((text) =>
  text === HIDDEN || /-----BEGIN [A-Z0-9 ]+-----/.test(text) ? undefined : { key: 'pem' },
);

function isIpv4(text) {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function isIpv6(text) {
  if (!/^[0-9a-f:]*(:\d+\.\d+\.\d+\.\d+)?(%\w+)?$/i.test(text) || !text.includes(':')) return false;
  try {
    return new URL('http://[' + text.replace(/%\w+$/, '') + ']/').hostname !== '';
  } catch {
    return false;
  }
}
