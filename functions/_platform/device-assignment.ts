/** What the telemetry functions need to know of a device while a batch has it; also the lock that keeps a second batch away. */
export type DeviceAssignment = Readonly<{
  batchId: string; equipmentId: string; from: string; criticalMetrics: readonly string[];
  alarms: readonly Readonly<{ metric: string; low?: number; high?: number }>[];
}>;

/** Alarm limits of one metric. */
export type AlarmLimits = DeviceAssignment['alarms'][number];
