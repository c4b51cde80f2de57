/** Has the rows of the annotations about secrets that change while the pod runs. */
import { ROTATION_RESTARTS, ROTATION_SIGNALS } from '../../injector/contract/rotation.ts';
import { choiceOf, type Row } from './annotation-row.ts';
import * as values from './values.ts';

export const ROTATION_ANNOTATIONS = {
  rotation: {
    value: 'duration, `30s` to `30d`, or `never`',
    default: "the chart's: `never`",
    meaning:
      'How often AWS is asked for changes while the pod runs. The injected container then stays, as a sidecar, and replaces the files of what changed. The default of the chart is not for pods with a `restartPolicy` of `Never` or `OnFailure`, nor for pods in which every object names its version.',
    parse: values.parseRotation,
    option: 'rotation',
  },
  'rotation-notify': {
    value: '`http://` URL of 127.0.0.0/8, `[::1]` or `localhost`',
    default: 'none',
    meaning: 'A URL of the pod itself that gets a POST request after each change.',
    parse: values.parseNotify,
    option: 'notify',
    quoted: false,
  },
  'rotation-signal': {
    value: choiceOf(ROTATION_SIGNALS),
    default: 'none',
    meaning:
      'A signal that the main processes of the containers with the files get after each change. The pod must set `shareProcessNamespace: true`, and the containers one `runAsUser`.',
    parse: values.parseSignal,
    option: 'signal',
  },
  'rotation-restart': {
    value: choiceOf(ROTATION_RESTARTS),
    default: 'none',
    meaning:
      'What is restarted after each change. `container`: the containers with the files are sent TERM, under the same conditions as for a signal. `pod`: all containers are killed and started again, without a grace period (Kubernetes 1.36).',
    parse: values.parseRestart,
    option: 'restart',
  },
} as const satisfies Record<string, Row>;
