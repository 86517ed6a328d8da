/**
 * The TLS modes of libpq that connstorm supports. They are apart from the plan, so that the schema can list them too.
 */
export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Why libpq's allow is not supported. */
export const NO_ALLOW =
  'allow would try without TLS first and then with it, but an attempt has only one socket: use prefer or disable';
