/** ARNs of the functions the release workflow calls. */
export type ReleaseFunctions = Readonly<{ seal: string; monitor: string; review: string; wait: string; certificate: string; sequencer: string }>;

const RETRY = [{
  ErrorEquals: ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException', 'States.Timeout'],
  IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2, MaxDelaySeconds: 60, JitterStrategy: 'FULL',
}];
/** Telling a person is tried until it works: an execution that failed would leave a batch to nobody. */
const NEVER_GIVE_UP = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 30, MaxAttempts: 99_999_999, BackoffRate: 1.5, MaxDelaySeconds: 900 }];
const CATCH = [{ ErrorEquals: ['States.ALL'], Assign: { cause: '{% $states.errorOutput.Error %}' }, Next: 'NeedsAttention' }];

const call = (functionArn: string, payload: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>>) => ({
  Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: functionArn, Payload: payload }, TimeoutSeconds: 120, Retry: RETRY, Catch: CATCH, ...more,
});

const wait = (functionArn: string, payload: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>>) => ({
  Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  Arguments: { FunctionName: functionArn, Payload: { batchId: '{% $batchId %}', reviewedVersion: '{% $reviewedVersion %}', taskToken: '{% $states.context.Task.Token %}', ...payload } },
  ...more,
});

const BRIEFLY = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 10, MaxAttempts: 3, BackoffRate: 2 }];
/** What a model says of a batch holds up nobody who decides on it. */
const WITHOUT_MODEL = [{ ErrorEquals: ['States.ALL'], Next: 'Review' }];

/** Between two looks whether the record is under a published checkpoint, doubled each time up to a quarter of an hour: an execution has room for a month of those. */
const FIRST_LOG_PAUSE_SECONDS = 5;

/** As long as the function may take. */
const MONITORING_SECONDS = 300;

const BATCH = { batchId: '{% $batchId %}' };

/**
 * The release of one batch, as an Amazon States Language definition in JSONata: its telemetry put on record (what is still open then is, by the sealing run, and the review waits for it), the course of the culture and what process monitoring makes of it, once its telemetry is settled (after the review nothing may be appended that quality would have to review again), review by rules, open points back to people, the record under a published checkpoint, certification or
 * rejection by the Qualified Person, certificate. Input `{ batchId, completedVersion }`. People may take weeks; a token waits for them. A task that fails for good
 * goes to a person too: no batch is lost in a failed execution. No state holds the certificate: one that is longer than a state may be would end the execution, which nothing can catch.
 *
 * @see EU GMP Annex 16; EU GMP Part IV 11 (batch release of ATMPs)
 */
export const releaseDefinition = ({ seal, monitor, review, wait: waitArn, certificate, sequencer }: ReleaseFunctions): Readonly<Record<string, unknown>> => ({
  Comment: 'Telemetry on record, review, certification and certificate of one batch',
  QueryLanguage: 'JSONata',
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Assign: { batchId: '{% $states.input.batchId %}', reviewedVersion: '{% $states.input.completedVersion %}', cause: 'none', logPauseSeconds: FIRST_LOG_PAUSE_SECONDS }, Next: 'SealTelemetry' },
    SealTelemetry: call(seal, BATCH, { Next: 'ConcludeMonitoring' }),
    ConcludeMonitoring: call(monitor, BATCH, { TimeoutSeconds: MONITORING_SECONDS, Assign: { settlesInSeconds: '{% $states.result.Payload.settlesInSeconds %}' }, Retry: [...RETRY, ...BRIEFLY], Catch: WITHOUT_MODEL, Next: 'IsCultureSettled' }),
    IsCultureSettled: { Type: 'Choice', Choices: [{ Condition: '{% $settlesInSeconds > 0 %}', Next: 'WaitForCulture' }], Default: 'Review' },
    WaitForCulture: { Type: 'Wait', Seconds: '{% $settlesInSeconds %}', Next: 'ConcludeMonitoring' },
    Review: call(review, BATCH, { Assign: { openPoints: '{% $states.result.Payload.openPoints %}', reviewedVersion: '{% $states.result.Payload.reviewedVersion %}' }, Next: 'AnythingOpen' }),
    AnythingOpen: { Type: 'Choice', Choices: [{ Condition: '{% $count($openPoints) > 0 %}', Next: 'WaitForOpenPoints' }], Default: 'TakeIntoLog' },
    TakeIntoLog: call(sequencer, {}, { Assign: { isInLog: '{% $states.result.Payload.isWhole %}', logPauseSeconds: '{% $min([$logPauseSeconds * 2, 900]) %}' }, Next: 'IsInLog' }),
    IsInLog: { Type: 'Choice', Choices: [{ Condition: '{% $isInLog = true %}', Assign: { logPauseSeconds: FIRST_LOG_PAUSE_SECONDS }, Next: 'WaitForDisposition' }], Default: 'WaitForLog' },
    WaitForLog: { Type: 'Wait', Seconds: '{% $logPauseSeconds %}', Next: 'TakeIntoLog' },
    WaitForOpenPoints: wait(waitArn, { waitingFor: 'open-points', openPoints: '{% [$openPoints] %}' }, { Assign: { disposition: '{% $states.result.disposition %}' }, Catch: CATCH, Next: 'Decided' }),
    WaitForDisposition: wait(waitArn, { waitingFor: 'disposition' }, { Assign: { disposition: '{% $states.result.disposition %}' }, Catch: CATCH, Next: 'Decided' }),
    Decided: {
      Type: 'Choice',
      Choices: [{ Condition: "{% $disposition = 'release' %}", Next: 'IssueCertificate' }, { Condition: "{% $disposition = 'reject' %}", Next: 'Rejected' }],
      Default: 'SealTelemetry',
    },
    IssueCertificate: call(certificate, BATCH, { Assign: { issued: '{% $states.result.Payload %}' }, Next: 'TakeReleaseIntoLog' }),
    TakeReleaseIntoLog: call(sequencer, {}, { Output: '{% $issued %}', Next: 'Released' }),
    NeedsAttention: wait(waitArn, { waitingFor: 'attention', cause: '{% $cause %}' }, { Retry: NEVER_GIVE_UP, Assign: { disposition: '{% $states.result.disposition %}' }, Next: 'Decided' }),
    Released: { Type: 'Succeed' },
    Rejected: { Type: 'Succeed' },
  },
});
