const RETRY = [
  { ErrorEquals: ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException', 'States.Timeout'], IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2, MaxDelaySeconds: 60, JitterStrategy: 'FULL' },
  // A person stopped the run meanwhile, or an object could not be had: the next look decides anew on what is stored.
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 15, MaxAttempts: 8, BackoffRate: 2, MaxDelaySeconds: 900 },
];
const wait = () => ({ Type: 'Wait', Seconds: '{% $waitSeconds %}', Next: 'Advance' });

/**
 * One training over the network, as an Amazon States Language definition in JSONata. Input `{ runId }`. `Advance` moves the run on as far as what arrived allows, by its record; the machine waits for
 * hospitals to join, to answer, to confirm that all answered, and to reveal, round after round, until there is a model or the run is over. The record decides, not the machine: an execution that is
 * started again goes on where the run stands.
 */
export const trainingDefinition = (coordinateArn: string): Readonly<Record<string, unknown>> => ({
  Comment: 'A training over the network: ask, wait, confirm, reveal, sum, next round',
  QueryLanguage: 'JSONata',
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Assign: { runId: '{% $states.input.runId %}', phase: 'joining', waitSeconds: 15 }, Next: 'Advance' },
    Advance: {
      Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: coordinateArn, Payload: { runId: '{% $runId %}' } }, TimeoutSeconds: 600, Retry: RETRY,
      Assign: { phase: '{% $states.result.Payload.phase %}', waitSeconds: '{% $states.result.Payload.waitSeconds %}' }, Next: 'WhatIsDue',
    },
    WhatIsDue: {
      Type: 'Choice', Default: 'WaitForAnswers',
      Choices: [
        { Condition: "{% $phase = 'joining' %}", Next: 'WaitForHospitals' }, { Condition: "{% $phase = 'confirmations' %}", Next: 'WaitForConfirmations' }, { Condition: "{% $phase = 'reveals' %}", Next: 'WaitForReveals' },
        { Condition: "{% $phase = 'finished' %}", Next: 'Finished' }, { Condition: "{% $phase = 'aborted' %}", Next: 'Aborted' },
      ],
    },
    WaitForHospitals: wait(), WaitForAnswers: wait(), WaitForConfirmations: wait(), WaitForReveals: wait(),
    Finished: { Type: 'Succeed' },
    Aborted: { Type: 'Succeed' },
  },
});
