/** How large values are, in bytes: the webhook makes the volumes for them, and the injector takes no larger ones. */

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/**
 * The services' own limits for one value: 65,536 bytes (Secrets Manager, "Quotas": secret value size) and 8 KiB (Parameter
 * Store, "Managing parameter tiers": advanced).
 */
export const VALUE_BYTES = { secretsmanager: 64 * KIBIBYTE, ssm: 8 * KIBIBYTE } as const;

/** What a search may find, as nobody knows before how much that is. */
export const SEARCH_BYTES = { secretsmanager: 8 * MEBIBYTE, ssm: 4 * MEBIBYTE } as const;
