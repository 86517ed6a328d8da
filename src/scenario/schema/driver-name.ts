/** The drivers that can open connections. They are apart from the plan, so that the schema can list them too. */
export const DRIVER_NAMES = ['wire', 'pg'] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];
