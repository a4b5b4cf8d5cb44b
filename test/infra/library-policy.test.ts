import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantsKey } from '../../functions/_platform/audit-grants.ts';
import { functionNames } from '../../infra/bundle.ts';
import { FEATURES } from '../../infra/features.ts';
import type { PolicyStatement } from '../../infra/local/core/contracts.ts';
import { isAllowed, statementsOf } from '../../infra/local/core/iam.ts';
import { readNetworkSettings } from '../../infra/network-settings.ts';
import { NodeSchema } from '../../infra/nodes/schema.ts';
import { NetworkStack } from '../../infra/stacks/network-stack.ts';
import { placeOf } from '../../shared/storage/place.ts';
import { bucketPolicyOf } from '../support/templates.ts';

const CONTROL = '999999999999';
const HOMES = [{ id: 'north', account: '111111111111' }, { id: 'hill', account: '222222222222' }] as const;
const [NORTH, HILL] = HOMES;
const BUCKET = 'arn:aws:s3:::bucket';
const bundleFolder = mkdtempSync(join(tmpdir(), 'library-'));
afterAll(() => { rmSync(bundleFolder, { recursive: true, force: true }); });

let policies: Readonly<Record<'library' | 'models', readonly PolicyStatement[]>>;
beforeAll(() => {
  for (const name of functionNames()) {
    mkdirSync(join(bundleFolder, name), { recursive: true });
    writeFileSync(join(bundleFolder, name, 'index.mjs'), '');
  }
  const nodes = HOMES.map((home) => NodeSchema.parse({ ...home, name: home.id, region: 'eu-west-2' }));
  const template = Template.fromStack(new NetworkStack(new App({ context: FEATURES }), 'Network', { env: { account: CONTROL, region: 'eu-west-2' }, bundleFolder, nodes, network: readNetworkSettings() })).toJSON();
  policies = { library: bucketPolicyOf(template, /^LibraryPolicy/, BUCKET), models: bucketPolicyOf(template, /^ModelRegistryModels/, BUCKET) };
});

/** A role of an account that its own policies let do everything, so that the bucket's alone decides. */
const may = (bucket: 'library' | 'models', account: string, action: string, key?: string, context: Readonly<Record<string, string>> = {}): boolean => isAllowed({
  principal: { arn: `arn:aws:iam::${account}:role/any`, account, region: 'eu-west-2', admin: false, policies: statementsOf({ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }) },
  action, resource: key === undefined ? BUCKET : `${BUCKET}/${key}`, resourcePolicy: policies[bucket], resourceAccount: CONTROL, context,
});
const EFFECTIVE = 'library/cd19-car-t/effective.json';

describe('the control site lets a hospital', () => {
  it('read what is effective, the directory, and its own grants: not another\'s, nor anything else', () => {
    for (const [own, other] of [[NORTH, HILL], [HILL, NORTH]] as const) {
      expect([EFFECTIVE, 'network/directory.json', grantsKey(placeOf(own)), grantsKey(placeOf(other)), 'grants/', 'grants/index.json', 'network/other.json'].map((key) => may('library', own.account, 's3:GetObject', key))).toEqual([true, true, true, false, false, false, false]);
    }
  });
  it('list what it may read, so that what is not there is told from what may not be read, and no list that names another', () => {
    for (const [own, other] of [[NORTH, HILL], [HILL, NORTH]] as const) {
      const prefixes = ['library/', 'library/unknown/effective.json', 'network/directory.json', `grants/${own.account}/`, grantsKey(placeOf(own)), `grants/${other.account}/`, grantsKey(placeOf(other)), 'grants/', 'g', 'network/', ''];
      expect(prefixes.map((prefix) => may('library', own.account, 's3:ListBucket', undefined, { 's3:prefix': prefix }))).toEqual([true, true, true, true, true, false, false, false, false, false, false]);
      expect(may('library', own.account, 's3:ListBucket')).toBe(false);
    }
  });
  it('read models and what is published of them, and no manifest', () => {
    expect(['models/a.json', 'published/records.json', 'published/signed/records.json', 'manifests/a.json', 'monitoring/a.json'].map((key) => may('models', NORTH.account, 's3:GetObject', key))).toEqual([true, true, true, false, false]);
  });
  it('write nothing and delete nothing', () => {
    for (const action of ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObjectAcl', 's3:PutBucketPolicy']) {
      for (const key of [EFFECTIVE, grantsKey(placeOf(NORTH)), 'models/a.json']) expect([action, may('library', NORTH.account, action, key), may('models', NORTH.account, action, key)]).toEqual([action, false, false]);
    }
  });
  it('and lets in no account that is none, not even below its own number', () => {
    for (const key of [EFFECTIVE, 'network/directory.json', grantsKey(placeOf({ id: 'north', account: '444444444444' }))]) expect([key, may('library', '444444444444', 's3:GetObject', key)]).toEqual([key, false]);
    expect([may('library', '444444444444', 's3:ListBucket'), may('models', '444444444444', 's3:GetObject', 'models/a.json')]).toEqual([false, false]);
  });
});
