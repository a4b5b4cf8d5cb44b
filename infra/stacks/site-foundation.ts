import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms.ts';
import type { FunctionSettings } from '../constructs/bedside-function.ts';
import { createKey } from '../constructs/node-key.ts';
import { People } from '../constructs/people.ts';
import { createAccessLogBucket } from '../constructs/private-bucket.ts';
import { Records } from '../constructs/records.ts';

export interface SiteStackProps extends StackProps {
  /** Folder of function bundles. */
  readonly bundleFolder: string;
}

const DAYS_A_YEAR = 365.25;
/** Whole days, as Object Lock wants them, and not one too few. */
export const yearsOf = (years: number): Duration => Duration.days(Math.ceil(years * DAYS_A_YEAR));

/** What the control site and a hospital have in common: key, alarms, records, people. */
export abstract class SiteStack extends Stack {
  protected readonly key: Key;
  protected readonly alarms: Alarms;
  protected readonly records: Records;
  protected readonly people: People;
  protected readonly accessLogs: Bucket;
  protected readonly settings: FunctionSettings;

  constructor(scope: Construct, id: string, props: SiteStackProps, site: string, logRetention: RetentionDays) {
    super(scope, id, props);
    this.key = createKey(this, `Everything at rest of ${site}`);
    this.alarms = new Alarms(this, 'Alarms', this.key);
    this.records = new Records(this, 'Records', { key: this.key });
    this.people = new People(this, 'People');
    this.accessLogs = createAccessLogBucket(this);
    this.settings = { bundleFolder: props.bundleFolder, key: this.key, logRetention, alarms: this.alarms.topic };
  }
}
