/** Lists the failures of Kubernetes Secrets, which are part of the catalogue in errors.ts. */
export const SYNC_FAILURES = {
  ASI_SYNC_DENIED: {
    exitCode: 10,
    cause: "The pod's ServiceAccount has no right to make its Kubernetes Secret.",
    fix: 'Create a Role with the verbs get, create and patch for this Secret, and a RoleBinding for the ServiceAccount: the command aws-secrets-injector rbac -f FILE prints both.',
  },
  ASI_SYNC_FOREIGN: {
    exitCode: 10,
    cause: 'A Secret of this name exists, and neither the injector nor the CSI driver made it.',
    fix: 'Write another secretName into secretObjects, delete the Secret, or let the injector have it: kubectl label secret NAME app.kubernetes.io/managed-by=aws-secrets-injector --overwrite.',
  },
  ASI_SYNC_TYPE: {
    exitCode: 10,
    cause: 'A Secret of this name exists with another type, and Kubernetes never changes the type of a Secret.',
    fix: 'Delete the Secret, or write its type into secretObjects.',
  },
  ASI_SYNC_VALUE: {
    exitCode: 10,
    cause: 'The value is not what a Secret of this type holds.',
    fix: 'Correct the value in AWS: certificate and key in PEM for kubernetes.io/tls, JSON for kubernetes.io/dockerconfigjson.',
  },
  ASI_SYNC_REFUSED: {
    exitCode: 10,
    cause: 'The API server did not accept the Secret.',
    fix: 'Correct what the API server names, in secretObjects, or in the policies and quotas of the namespace.',
  },
  ASI_SYNC_TOKEN: {
    exitCode: 10,
    cause: "The pod's token for the API server, or the certificate authority of the cluster, could not be read.",
    fix: 'Recreate the pod, so that the webhook adds the volume aws-secrets-kubernetes anew. If it happens again, look in kubectl get pod -o yaml for what another webhook made of this volume.',
  },
  ASI_SYNC_UNAVAILABLE: {
    exitCode: 20,
    cause: 'The API server of the cluster gave no usable answer.',
    fix: "Let the pod reach the API server: a NetworkPolicy that restricts the pod's traffic has to allow it. A short outage heals by itself, as the container starts again.",
  },
} as const;
