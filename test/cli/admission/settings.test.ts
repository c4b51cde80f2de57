/** The command line reads values of the chart as the chart itself does. */
import t from 'tap';
import { stringify } from 'yaml';
import { settingsFrom } from '../../../cli/admission/settings.ts';
import { readSettings } from '../../../webhook/settings.ts';
import { objectsOf, type Rendering, renderText, settingsText } from '../../chart/support/render.ts';
import { VALUE_SETS } from '../../chart/support/value-sets.ts';

for (const [name, { values }] of Object.entries(VALUE_SETS)) {
  t.test(`${name}: comes out as the chart renders it`, async (t) => {
    const objects = objectsOf(await renderText(values));
    const Deployment = objects.find(({ kind }) => kind === 'Deployment') as Rendering['Deployment'];
    const rendered = readSettings(settingsText({ Deployment }));
    if (!rendered.ok) throw new Error(rendered.problem);
    const { injector, aws, takeOverCsiVolumes, takeOverExternalSecrets } = rendered.settings;
    t.match(settingsFrom(stringify(values), 'values.yaml'), {
      injector,
      aws,
      takeOverCsiVolumes,
      takeOverExternalSecrets,
    });
  });
}
