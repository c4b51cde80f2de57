import type { ServiceName } from './faults.ts';

/** One request as it arrived, and how it was answered. */
export type Call = {
  service: ServiceName | 'unknown';
  operation: string;
  /** SecretIds, parameter names with their selectors, paths, the role's ARN, or NAMESPACE/SERVICEACCOUNT of an agent's call. */
  names: string[];
  /** Of the signature's scope, else of the regional host name; undefined where there is neither. */
  region: string | undefined;
  /** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, or the user's; undefined before the caller is known. */
  principal: string | undefined;
  /** RoleSessionName: of the caller, or of the session that an STS call asks for. */
  sessionName: string | undefined;
  userAgent: string;
  /** Number of the TCP connection, from 1. */
  connection: number;
  /** The Host header: what the client believed to talk to. */
  host: string;
  requestId: string;
  at: Date;
  /** The HTTP status, or what a fault did instead; undefined while unanswered. */
  outcome: number | 'reset' | 'hang' | 'wire' | undefined;
  /** AWS's error code, where it was one. */
  error: string | undefined;
};
