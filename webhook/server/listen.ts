/** Listens on all addresses of the host, IPv6 and IPv4. */
import type { FastifyListenOptions } from 'fastify';

type Listener = { listen(options: FastifyListenOptions): Promise<unknown> };

/** Connections that the kernel keeps until they are accepted. One more would wait for the second try of its client, 1 s later. */
const BACKLOG = 4096;

/** Listens on `::`, which takes IPv4 too; on `0.0.0.0` where the kernel has no IPv6. */
export async function listenEverywhere(server: Listener, port: number): Promise<void> {
  const options = { port, backlog: BACKLOG, listenTextResolver: lineOf };
  try {
    await server.listen({ ...options, host: '::' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    await server.listen({ ...options, host: '0.0.0.0' });
  }
}

/** Returns the log line about an address. Fastify begins each address with http, as it does not know that the admission port has TLS. */
function lineOf(address: string): string {
  return `Listening at ${address.replace('http://', '')}`;
}
