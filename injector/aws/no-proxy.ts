/** Decides which hosts are reached without the proxy. */
import { BlockList, isIP } from 'node:net';

/** Has a host as a URL writes it, with an IPv6 address in brackets, and the port of the connection. */
export type Target = { readonly host: string; readonly port: number };

/**
 * Returns whether the target is reached without the proxy. The list is read as Go and curl read NO_PROXY: entries are separated
 * by commas or blanks. `*` is every host. A name is that host and all below it, with or without a dot (or `*.`) before it. An
 * address is itself, a CIDR is its addresses, and neither is compared with a name, as nobody looks names up for it. A port
 * after an entry limits it to that port. As in Go, the pod's own loopback never goes through the proxy.
 */
export function bypassesProxy(noProxy: string, { host, port }: Target): boolean {
  const target = { host: bare(host), port };
  if (target.host === 'localhost' || holds('127.0.0.0/8', target.host) || holds('::1/128', target.host)) return true;
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && matches(entry, target));
}

function matches(entry: string, { host, port }: Target): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return holds(entry, host);
  const [, name = '', only] = isIP(entry) === 0 ? (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []) : ['', entry];
  if (only !== undefined && Number(only) !== port) return false;
  const wanted = bare(name.replace(/^\*?\./, ''));
  const family = isIP(wanted);
  if (family !== 0) return holds(`${wanted}/${family === 4 ? 32 : 128}`, host);
  return wanted !== '' && (host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`)));
}

/** Returns whether the address is in the network. Returns false if one of the two is not valid. */
function holds(cidr: string, address: string): boolean {
  const [network = '', bits = '', ...more] = cidr.split('/');
  const family = isIP(network);
  const most = family === 4 ? 32 : 128;
  if (family === 0 || isIP(address) !== family || more.length > 0) return false;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(address, type);
}

/** Returns the host in small letters, without brackets and without the dot of a complete name. */
function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
}
