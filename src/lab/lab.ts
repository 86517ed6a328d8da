/** A Postgres of our own in a temporary folder. */
export interface Lab {
  /** For the storm: an ordinary role. Contains the password. */
  url: string;
  /** For probes and tests: the superuser. Contains the password. */
  superuserUrl: string;
  /** The postmaster. */
  pid: number;
  /** The server's version, e.g. `18.4`. */
  version: string;
  /** Stops the server and removes the folder; may be called twice. */
  stop(): Promise<void>;
}

export interface LabOptions {
  /** postgresql.conf settings by name. */
  settings?: Record<string, string | number | boolean>;
  /** A folder with initdb and postgres, instead of the embedded ones. */
  postgresBin?: string;
  /** How the storm's role logs in. Default scram-sha-256. */
  auth?: 'scram-sha-256' | 'md5' | 'password' | 'trust';
}
