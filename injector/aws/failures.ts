/** Lists the failures between the injector and AWS, which are part of the catalogue in errors.ts. */
export const AWS_FAILURES = {
  ASI_AWS_TOKEN: {
    exitCode: 10,
    cause: 'The web identity token could not be read.',
    fix: 'Recreate the pod, so that the webhook adds the volume aws-secrets-token anew. If it happens again, look in kubectl get pod -o yaml for what another webhook made of this volume.',
  },
  ASI_AWS_ROLE_DENIED: {
    exitCode: 10,
    cause: "STS did not let the pod's ServiceAccount assume the role.",
    fix: "Allow sts:AssumeRoleWithWebIdentity in the role's trust policy for the cluster's OIDC provider, with this namespace and ServiceAccount as sub and sts.amazonaws.com as aud. The command aws-secrets-injector iam-policy prints that policy.",
  },
  ASI_AWS_IDENTITY: {
    exitCode: 10,
    cause: "STS did not accept the pod's web identity token.",
    fix: "Create the IAM OIDC provider of this cluster (issuer and audience sts.amazonaws.com) in the role's account. If it has another audience, write that into the annotation eks.amazonaws.com/audience of the ServiceAccount, then recreate the pod.",
  },
  ASI_AWS_POD_IDENTITY: {
    exitCode: 10,
    cause: "The EKS Pod Identity agent has no credentials for the pod's ServiceAccount.",
    fix: 'If there is no association, run aws eks create-pod-identity-association --cluster-name CLUSTER --namespace NAMESPACE --service-account SERVICE_ACCOUNT --role-arn ROLE_ARN and recreate the pod. If there is one, the trust policy of its role has to allow sts:AssumeRole and sts:TagSession to pods.eks.amazonaws.com.',
  },
  ASI_AWS_REGION: {
    exitCode: 10,
    cause: 'The region is not active in the account.',
    fix: 'Activate the region in the account (AWS Regions of the account, and STS in the account settings of IAM), or write another one in the annotation aws-secrets-injector.dev/region.',
  },
  ASI_AWS_CREDENTIALS: {
    exitCode: 10,
    cause: 'The service did not accept the credentials of the assumed role.',
    fix: 'Compare the clock of the node with the time that AWS names. If both agree, correct the chart value aws.endpoints: the endpoint has to be of the region and the partition of the role.',
  },
  ASI_AWS_DENIED: {
    exitCode: 10,
    cause: 'The role may not read the object.',
    fix: "Allow the named action on the named ARN in the role's policy.",
  },
  ASI_AWS_KMS: {
    exitCode: 10,
    cause: 'The role may read the object, but the KMS key that encrypts it could not be used.',
    fix: 'Allow kms:Decrypt on the KMS key of the object, in the policy of the role and in the policy of the key.',
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
    fix: 'Write a narrower path, prefix or tags, so that less is found. If little is there, correct the chart value aws.endpoints: what answers is not AWS.',
  },
  ASI_AWS_TOO_LARGE: {
    exitCode: 10,
    cause: 'An answer or a value has more bytes than AWS documents as the most.',
    fix: 'What answers is not AWS: correct the chart values aws.endpoints and aws.httpsProxy, or look at the EKS Pod Identity agent of the node.',
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
    fix: "Let the proxy pass CONNECT to port 443 of AWS's hosts, without a password, as none can be configured. Or name the hosts in the chart value aws.noProxy, so that they are asked without the proxy.",
  },
  ASI_AWS_THROTTLED: {
    exitCode: 20,
    cause: 'AWS throttled every try until the retries were used up.',
    fix: 'Start fewer pods at once, have AWS raise the quota of the service, or write a longer time in the annotation aws-secrets-injector.dev/retry-timeout, such as 5m.',
  },
  ASI_AWS_UNAVAILABLE: {
    exitCode: 20,
    cause: 'AWS gave no usable answer until the retries were used up.',
    fix: 'Check that the pod reaches the endpoint (VPC endpoint, NAT, proxy, security group, DNS); it is tried again when the container restarts.',
  },
} as const;
