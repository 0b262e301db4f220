import { isIP } from 'node:net';
import { RedlinkError } from '../../support/errors.js';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Stores speak HTTPS only. Without a proxy for it the one for HTTP serves, as in 3.0.5. */
const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
const NO_PROXY_VARIABLES = ['NO_PROXY', 'no_proxy'];

/** Port of HTTPS where an address names none. */
const HTTPS_PORT = '443';

/**
 * The proxy that leads to a peer; undefined: go straight.
 *
 * As in 3.0.5 a configured proxy serves for every peer that `NO_PROXY` does not name. One exception, so that
 * stores on one machine reach each other behind a company's proxy: a loopback peer is asked straight, unless
 * the proxy runs on loopback itself (for any other proxy, loopback would be its own machine).
 * @throws RedlinkError `PEER_UNREACHABLE` where the variable does not hold the URL of an HTTP proxy.
 */
export function proxyFor(peer: URL, env: Environment): URL | undefined {
  const configured = firstSet(PROXY_VARIABLES, env);
  if (configured === undefined) return undefined;
  const exceptions = firstSet(NO_PROXY_VARIABLES, env) ?? '';
  const host = bareHost(peer.hostname);
  if (goesStraight(host, peer.port === '' ? HTTPS_PORT : peer.port, exceptions)) return undefined;
  const proxy = parseProxy(configured);
  return isLoopback(host) && !isLoopback(bareHost(proxy.hostname)) ? undefined : proxy;
}

/**
 * Whether `NO_PROXY` names a host. Entries stand between commas or blanks: `*` for all; a name, which covers
 * names in front of it too; a leading `.` or `*.` changes nothing; `*` elsewhere stands for any characters;
 * `:port` limits the entry to that port.
 */
export function goesStraight(host: string, port: string, noProxy: string): boolean {
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry, host.toLowerCase(), port));
}

function covers(entry: string, host: string, port: string): boolean {
  const { pattern, onlyPort } = splitPort(entry);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const name = pattern.replace(/^\*?\./, '');
  const glob = name
    .split('*')
    .map((part) => part.replaceAll(/[^a-z0-9]/g, String.raw`\$&`))
    .join('.*');
  // Names have parents, addresses do not: `0.0.1` must not cover 127.0.0.1.
  const inFront = isIP(host) === 0 ? String.raw`(.*\.)?` : '';
  return new RegExp(`^${inFront}${glob}$`).test(host);
}

function splitPort(entry: string): { pattern: string; onlyPort: string | undefined } {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(entry);
  if (bracketed !== null) return { pattern: bracketed[1] ?? '', onlyPort: bracketed[2] };
  if (isIP(entry) !== 0) return { pattern: entry, onlyPort: undefined };
  const plain = /^(.*?)(?::(\d+))?$/.exec(entry);
  return { pattern: plain?.[1] ?? entry, onlyPort: plain?.[2] };
}

function parseProxy(text: string): URL {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    // The text is left out: it may hold a password.
    throw new RedlinkError('PEER_UNREACHABLE', 'HTTPS_PROXY or HTTP_PROXY is not the URL of an HTTP proxy');
  }
  return url;
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host)
  );
}

function bareHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function firstSet(names: readonly string[], env: Environment): string | undefined {
  return names.map((name) => env[name]?.trim()).find((value) => value !== undefined && value !== '');
}
