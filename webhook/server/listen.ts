/** Listens on all addresses of the host, IPv6 and IPv4. */

type Listener = { listen(options: { host: string; port: number; backlog: number }): Promise<unknown> };

/** Connections that the kernel keeps until they are accepted. One more would wait for the second try of its client, 1 s later. */
const BACKLOG = 4096;

/** Listens on `::`, which takes IPv4 too; on `0.0.0.0` where the kernel has no IPv6. */
export async function listenEverywhere(server: Listener, port: number): Promise<void> {
  try {
    await server.listen({ host: '::', port, backlog: BACKLOG });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    await server.listen({ host: '0.0.0.0', port, backlog: BACKLOG });
  }
}
