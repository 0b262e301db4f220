import { BlockList, isIP } from 'node:net';
import { RedlinkError } from './errors.js';

/** Loopback and private ranges: what a store talks to where nothing else is configured (SECURITY.md). */
export const PRIVATE_RANGES: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** Addresses whose outcome is remembered: looking one up takes as long as all else about a small request. */
const REMEMBERED = 1_000;
const IPV4_MAPPED = '::ffff:';

/** A set of IP addresses, given as CIDR ranges or single addresses. */
export class AddressRanges {
  private readonly list = new BlockList();
  private readonly outcomes = new Map<string, boolean>();

  /** @throws RedlinkError `BAD_CONFIGURATION` where a text is no range. */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) this.add(range.trim());
  }

  /** Whether an IP address lies in one of the ranges; false for anything that is no address. */
  includes(ip: string): boolean {
    const known = this.outcomes.get(ip);
    if (known !== undefined) return known;
    if (this.outcomes.size >= REMEMBERED) this.outcomes.clear();
    const outcome = this.check(ip);
    this.outcomes.set(ip, outcome);
    return outcome;
  }

  private check(ip: string): boolean {
    const plain = ip.toLowerCase().startsWith(IPV4_MAPPED) ? ip.slice(IPV4_MAPPED.length) : ip;
    const family = isIP(plain);
    if (family === 0) return false;
    return this.list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }

  private add(range: string): void {
    const [ip = '', bits] = range.split('/');
    const family = isIP(ip);
    const most = family === 4 ? IPV4_BITS : IPV6_BITS;
    const prefix = bits === undefined ? most : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) {
      throw new RedlinkError('BAD_CONFIGURATION', `"${range}" is not an address range such as 10.0.0.0/8`);
    }
    this.list.addSubnet(ip, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
}
