/** Lists the failures between the injector and AWS, which are part of the catalogue in errors.ts. */
export const AWS_FAILURES = {
  ASI_AWS_TOKEN: {
    exitCode: 10,
    cause: 'The web identity token could not be read.',
    fix: 'Check the projected volume aws-secrets-token of the pod, then recreate the pod.',
  },
  ASI_AWS_ROLE_DENIED: {
    exitCode: 10,
    cause: "STS did not let the pod's ServiceAccount assume the role.",
    fix: "Allow sts:AssumeRoleWithWebIdentity in the role's trust policy for the cluster's OIDC provider, with this namespace and ServiceAccount as sub and sts.amazonaws.com as aud.",
  },
  ASI_AWS_IDENTITY: {
    exitCode: 10,
    cause: "STS did not accept the pod's web identity token.",
    fix: "Create the IAM OIDC provider of this cluster (issuer and audience sts.amazonaws.com) in the role's account. If it has another audience, write that into the annotation eks.amazonaws.com/audience of the ServiceAccount, then recreate the pod.",
  },
  ASI_AWS_POD_IDENTITY: {
    exitCode: 10,
    cause: "The EKS Pod Identity agent has no credentials for the pod's ServiceAccount.",
    fix: 'Create the Pod Identity association of this namespace and ServiceAccount in the cluster, then recreate the pod.',
  },
  ASI_AWS_REGION: {
    exitCode: 10,
    cause: 'The region is not active in the account.',
    fix: 'Activate the region for the account, or set another with the annotation aws-secrets-injector.dev/region.',
  },
  ASI_AWS_CREDENTIALS: {
    exitCode: 10,
    cause: 'The service did not accept the credentials of the assumed role.',
    fix: "Check the node's clock, and that the endpoint belongs to the region and partition of the role.",
  },
  ASI_AWS_DENIED: {
    exitCode: 10,
    cause: 'The role may not read the object.',
    fix: "Allow the named action on the named ARN in the role's policy.",
  },
  ASI_AWS_KMS: {
    exitCode: 10,
    cause: 'The role may read the object, but the KMS key that encrypts it could not be used.',
    fix: "Allow kms:Decrypt on the object's KMS key in the role's policy and in the key's policy.",
  },
  ASI_AWS_NOT_FOUND: {
    exitCode: 10,
    cause: 'The object does not exist in this region and account, or not in that version or label.',
    fix: 'Correct the name, version, label or region, or create the object.',
  },
  ASI_AWS_REQUEST: {
    exitCode: 10,
    cause: 'AWS refused the request, and would refuse the same one again.',
    fix: 'Correct the name, version or label of the object, or restore the object if it is marked for deletion.',
  },
  ASI_AWS_ENDLESS_LIST: {
    exitCode: 10,
    cause:
      'A list of AWS does not end, or it is too long: a thousand pages, 10,000 objects, 8 MiB of secrets and 4 MiB of parameters are the most.',
    fix: 'Narrow the path, prefix or tags; if they are narrow, check the endpoint.',
  },
  ASI_AWS_TOO_LARGE: {
    exitCode: 10,
    cause: 'An answer or a value has more bytes than AWS documents as the most.',
    fix: 'Check that the endpoint, the EKS Pod Identity agent and the proxy in between are the ones that you mean.',
  },
  ASI_AWS_TLS: {
    exitCode: 10,
    cause: "The endpoint's certificate is not trusted.",
    fix: 'Set the chart value aws.caBundle, or aws.caBundleConfigMap, to the CA of the endpoint or of the proxy in between.',
  },
  ASI_AWS_PROXY: {
    exitCode: 10,
    cause:
      'The HTTP proxy of the chart value aws.httpsProxy refused the request: 403 by its rules, 407 because it asks for a password.',
    fix: "403: let the proxy pass CONNECT to AWS's hosts, port 443. 407: let it admit the pods by their address, as no password can be configured. Or add the hosts to aws.noProxy.",
  },
  ASI_AWS_THROTTLED: {
    exitCode: 20,
    cause: 'AWS throttled every try until the retries were used up.',
    fix: 'Start fewer pods at once, raise the service quota, or set a longer aws-secrets-injector.dev/retry-timeout.',
  },
  ASI_AWS_UNAVAILABLE: {
    exitCode: 20,
    cause: 'AWS gave no usable answer until the retries were used up.',
    fix: 'Check that the pod reaches the endpoint (VPC endpoint, NAT, proxy, security group, DNS); it is tried again when the container restarts.',
  },
} as const;
