/** Describes the files that containers mount from volumes of Secrets and of classes. */
import type { Access, Extract } from './secret.ts';
import type { Value } from './value.ts';

/** A file of a volume, or one that is mounted alone. */
export type FileItem = {
  /** Relative to the volume; absolute for a file that is mounted alone. */
  readonly path: string;
  readonly value: Value;
  /** Four octal digits. */
  readonly mode: string;
  readonly optional?: true;
};

/** The content of a volume. */
export type Content = {
  readonly access: readonly Access[];
  readonly files: readonly FileItem[];
  /** That of which each key becomes a file, with the mode of these files. */
  readonly expanded: readonly { readonly extract: Extract; readonly mode: string; readonly optional?: true }[];
  /** Annotations that say what the volume has where `files` can not. */
  readonly annotations: Readonly<Record<string, string>>;
};

/** A content with the path at which containers mount it. */
export type Folder = Content & { readonly mountPath: string };
