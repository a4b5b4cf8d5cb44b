import { ConditionalCheckFailedException, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { keyOf } from '../../shared/storage/keys.ts';

/** One run of a robotic task: what started it, what it read (hashes), which rules, what came out. */
export type RunRecord = Readonly<{
  task: string; trigger: string; inputs: Readonly<Record<string, string>>; ruleVersion: string; result: Readonly<Record<string, unknown>>; at: string;
}>;
export type RunRecords = Readonly<{
  /** @returns the run's id, and whether it is new; the same task on the same inputs and rules is the same run */
  keep(run: RunRecord): Promise<Readonly<{ runId: string; isNew: boolean }>>;
}>;

/** Name of a run: its task and the SHA-256 over inputs and rule version. */
export const runIdOf = ({ task, inputs, ruleVersion }: Pick<RunRecord, 'task' | 'inputs' | 'ruleVersion'>): string =>
  `${task}/${createHash('sha256').update(canonicalJson({ inputs, ruleVersion })).digest('hex')}`;

export const createDynamoDbRunRecords = (client: () => DynamoDBClient, recordTable: string): RunRecords => ({
  keep: async (run) => {
    const runId = runIdOf(run);
    const key = keyOf.run(run.task, runId.slice(run.task.length + 1));
    try {
      await client().send(new PutItemCommand({
        TableName: recordTable, ConditionExpression: 'attribute_not_exists(pk)', Item: marshall({ ...key, runId, body: canonicalJson(run) }),
      }));
      return { runId, isNew: true };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { runId, isNew: false };
      throw error;
    }
  },
});
