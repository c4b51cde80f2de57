/** Writes the table of the webhook's own metrics. */
import { createMetrics } from '../../webhook/server/metrics.ts';
import { code, table } from './markdown.ts';

const OWN = 'aws_secrets_injector_';

/** Returns a row for each metric that the webhook can have, whatever is switched on. */
export function metrics(): string {
  const all = createMetrics('0.0.0');
  all.follow({ inFlight: () => 0, waiting: () => 0 } as Parameters<typeof all.follow>[0]);
  all.webhookConfiguration(true);
  all.uninjectedPods(0);
  const rows = all.registry.getMetricsAsArray().filter(({ name }) => name.startsWith(OWN));
  return table(
    [`${code(OWN)}…`, 'type', 'labels', 'meaning'],
    rows.map(({ name, type, help, ...metric }) => {
      const { labelNames = [] } = metric as { labelNames?: readonly string[] };
      return [code(name.slice(OWN.length)), `${type}`, labelNames.map(code).join(', '), help];
    }),
  );
}
