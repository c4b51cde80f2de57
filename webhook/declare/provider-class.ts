/** What the webhook reads of a SecretProviderClass and of the CSI volumes that name one. */

export type ProviderClass = {
  /** `aws` for ours; absent where nobody wrote it. */
  readonly provider?: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The Secrets that the CSI driver would make of the files. */
  readonly secretObjects: readonly SecretObject[];
};

export type SecretObject = {
  readonly secretName: string;
  readonly type: string;
  readonly data: readonly { readonly objectName: string; readonly key: string }[];
};

/** A volume of the driver secrets-store.csi.k8s.io that the injector takes over. */
export type CsiVolume = {
  readonly name: string;
  /** Empty where the attribute is missing. */
  readonly className: string;
  /** volumeAttributes, which win over the class's parameters. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
};
