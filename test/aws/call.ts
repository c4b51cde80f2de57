import type { ServiceName } from './faults.ts';

/** One request as it arrived, and how it was answered. */
export type Call = {
  service: ServiceName | 'unknown';
  operation: string;
  /** SecretIds, parameter names with their selectors, paths, the role's ARN, or NAMESPACE/SERVICEACCOUNT of an agent's call. */
  names: string[];
  /** The region of the signature's scope or of the regional host name; undefined if there is neither. */
  region: string | undefined;
  /** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, or the user's; undefined before the caller is known. */
  principal: string | undefined;
  /** The RoleSessionName of the caller, or of the session that an STS call asks for. */
  sessionName: string | undefined;
  userAgent: string;
  /** The number of the TCP connection, from 1. */
  connection: number;
  /** The Host header, which says what the client believed to talk to. */
  host: string;
  requestId: string;
  at: Date;
  /** The HTTP status, or what a fault did instead; undefined while unanswered. */
  outcome: number | 'reset' | 'hang' | 'wire' | undefined;
  /** AWS's error code, where it was one. */
  error: string | undefined;
};
