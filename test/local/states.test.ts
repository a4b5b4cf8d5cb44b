import { describe, expect, it } from 'vitest';
import { releaseDefinition } from '../../infra/release/definition.ts';
import { parseMachine } from '../../infra/local/services/states/definition.ts';
import { fails, invoke, machineOf, startEngine, waitForToken, type States } from './support/state-machine.ts';
import { eventually } from './support/eventually.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { run, END } from './support/run-machine.ts';

describe('states on their own', () => {
  it('passes on what Output says and keeps what Assign says for later states', async () => {
    const definition = machineOf('First', {
      First: { Type: 'Pass', Assign: { batchId: '{% $states.input.id %}' }, Output: { step: 1 }, Next: 'Second' },
      Second: { Type: 'Pass', Output: { batchId: '{% $batchId %}', before: '{% $states.input.step %}', name: '{% $states.context.Execution.Name %}' }, ...END },
    });
    expect(await run(definition, { id: 'B-7' })).toMatchObject({ status: 'SUCCEEDED', output: { batchId: 'B-7', before: 1, name: 'batch-1' } });
  });

  it('evaluates every Assign of a state with the values from before it', async () => {
    const definition = machineOf('Set', {
      Set: { Type: 'Pass', Assign: { a: 1, b: 2 }, Next: 'Swap' },
      Swap: { Type: 'Pass', Assign: { a: '{% $b %}', b: '{% $a %}' }, Next: 'Show' },
      Show: { Type: 'Succeed', Output: { a: '{% $a %}', b: '{% $b %}' } },
    });
    expect(await run(definition)).toMatchObject({ output: { a: 2, b: 1 } });
  });

  it.each([[3, 'few', 'from-rule'], [11, 'many', 'from-state']])('takes the first choice that holds for %i, with that rule’s own Assign', async (n, path, assigned) => {
    const definition = machineOf('Choose', {
      Choose: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.n < 10 %}', Next: 'few', Assign: { by: 'from-rule' } }], Default: 'many', Assign: { by: 'from-state' } },
      few: { Type: 'Pass', Output: ['few', '{% $by %}'], ...END }, many: { Type: 'Pass', Output: ['many', '{% $by %}'], ...END },
    });
    expect(await run(definition, { n })).toMatchObject({ output: [path, assigned] });
  });

  it('fails with States.NoChoiceMatched when no choice holds and there is no default', async () => {
    const definition = machineOf('Choose', { Choose: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'Never' }] }, Never: { Type: 'Succeed' } });
    expect(await run(definition)).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  it('fails with the error and cause a Fail state names', async () => {
    expect(await run(machineOf('Stop', { Stop: { Type: 'Fail', Error: 'BatchRejected', Cause: '{% $states.input.why %}' } }), { why: 'viability' })).toMatchObject({ status: 'FAILED', error: 'BatchRejected', cause: 'viability' });
  });

  it('fails with States.QueryEvaluationError when an expression gives nothing', async () => {
    expect(await run(machineOf('Ask', { Ask: { Type: 'Pass', Output: '{% $states.input.missing %}', ...END } }))).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  it('waits by the cloud’s clock, through a restart', async () => {
    const folder = temporaryFolder();
    const definition = machineOf('Incubate', { Incubate: { Type: 'Wait', Seconds: '{% $states.input.days * 86400 %}', Next: 'Done' }, Done: { Type: 'Succeed' } });
    const first = startEngine(folder, definition);
    first.begin({ days: 9 });
    await eventually('the wait to be on disk', () => first.current().wakeEpochMs !== undefined);
    first.stop();
    const second = startEngine(folder, definition);
    second.resume();
    second.clock.advance(8.9 * 86_400_000);
    await new Promise((resolve) => { setTimeout(resolve, 30); });
    expect(second.current().status).toBe('RUNNING');
    second.clock.advance(0.2 * 86_400_000);
    expect(await second.ended()).toMatchObject({ status: 'SUCCEEDED' });
    second.stop();
  });
});

describe('Retry and Catch', () => {
  const review = (more: States): string => machineOf('Review', { Review: invoke('review', {}, { ...more, ...END }), Person: { Type: 'Pass', Output: '{% $states.input %}', ...END } });

  it('tries again after 2, 4 and 8 seconds and then gives the error to the catcher', async () => {
    const engine = startEngine(temporaryFolder(), review({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 3 }], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Person' }] }), { review: () => fails('Busy', 'no beds') });
    let since = engine.clock.now();
    engine.begin();
    for (const [made, seconds] of [[1, 2], [2, 4], [3, 8]] as const) {
      const { wakeEpochMs } = await eventually(`retry ${made}`, () => engine.current().attempts['0'] === made && engine.current());
      const failedAt = wakeEpochMs! - seconds * 1000;
      expect([failedAt >= since, failedAt <= engine.clock.now()]).toEqual([true, true]);
      expect(engine.calls).toHaveLength(made);
      since = wakeEpochMs!;
      engine.clock.advance(seconds * 1000);
    }
    expect(await engine.ended()).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'Busy', Cause: 'no beds' } });
    engine.stop();
  });

  it('succeeds when a later try does', async () => {
    let tries = 0;
    const { status, output } = await run(review({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 0 }] }), {}, { review: () => ((tries += 1) < 3 ? fails('Busy') : { openPoints: 0 }) });
    expect({ status, output, tries }).toEqual({ status: 'SUCCEEDED', output: { openPoints: 0 }, tries: 3 });
  });

  it('leaves an error no retrier and no catcher names to the execution', async () => {
    expect(await run(review({ Retry: [{ ErrorEquals: ['Busy'] }], Catch: [{ ErrorEquals: ['Busy'], Next: 'Person' }] }), {}, { review: () => fails('RecordCorrupt') })).toMatchObject({ status: 'FAILED', error: 'RecordCorrupt', calls: [{ name: 'review' }] });
  });

  it.each([['answers', { Payload: {} }, { review: () => 'x'.repeat(262_144) }], ['is given', { Payload: 'x'.repeat(262_144) }, { review: () => ({}) }]])('ends the execution when a function %s more than a state may hold, whatever is caught', async (_, given, functions) => {
    const more = { Arguments: { FunctionName: 'review', ...given }, Retry: [{ ErrorEquals: ['States.ALL'] }], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Person' }] };
    expect(await run(review(more), {}, functions)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('does not count a timeout among States.TaskFailed', async () => {
    const more = { TimeoutSeconds: 0.02, Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Person' }] };
    expect(await run(review(more), {}, { review: () => new Promise(() => undefined) })).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('fails the execution when the catcher’s own Output can not be evaluated', async () => {
    expect(await run(review({ Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $nobody.knows %}', Next: 'Person' }] }), {}, { review: () => fails('Busy') })).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  it('fails, and does not hang, when the definition no longer has the state', async () => {
    const folder = temporaryFolder();
    const first = startEngine(folder, machineOf('Old', { Old: { Type: 'Wait', Seconds: 5, ...END } }));
    first.begin();
    await eventually('the wait', () => first.current().wakeEpochMs !== undefined);
    first.stop();
    const second = startEngine(folder, machineOf('New', { New: { Type: 'Succeed' } }));
    second.resume();
    second.clock.advance(6000);
    expect(await second.ended()).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    second.stop();
  });
});

describe('waitForTaskToken', () => {
  const definition = machineOf('Ask', { Ask: waitForToken('ask', { Output: '{% $states.result.disposition %}', TimeoutSeconds: 3600, Catch: [{ ErrorEquals: ['States.Timeout', 'Refused'], Next: 'Late' }], ...END }), Late: { Type: 'Pass', Output: '{% $states.input.Error %}', ...END } });

  it('goes on with the answer', async () => {
    const engine = startEngine(temporaryFolder(), definition, { ask: () => null });
    engine.begin();
    await eventually('the question', () => engine.current().called);
    engine.answer(engine.current().token!, { output: { disposition: 'release' } });
    expect(await engine.ended()).toMatchObject({ status: 'SUCCEEDED', output: 'release' });
    engine.stop();
  });

  it('takes an answer that comes while the function still runs', async () => {
    const folder = temporaryFolder();
    const engine = startEngine(folder, definition, { ask: ({ token }: { token: string }) => { engine.answer(token, { output: { disposition: 'reject' } }); } });
    engine.begin();
    expect(await engine.ended()).toMatchObject({ output: 'reject' });
    engine.stop();
  });

  it('catches the failure a person answers with', async () => {
    const engine = startEngine(temporaryFolder(), definition, { ask: () => null });
    engine.begin();
    await eventually('the question', () => engine.current().called);
    engine.answer(engine.current().token!, { error: 'Refused', cause: 'not mine' });
    expect(await engine.ended()).toMatchObject({ output: 'Refused' });
    engine.stop();
  });

  it('keeps waiting after a restart without asking again', async () => {
    const folder = temporaryFolder();
    const first = startEngine(folder, definition, { ask: () => null });
    first.begin();
    const { token } = await eventually('the question', () => first.current().called === true && first.current());
    first.stop();
    const second = startEngine(folder, definition, { ask: () => null });
    second.resume();
    second.answer(token!, { output: { disposition: 'release' } });
    expect(await second.ended()).toMatchObject({ output: 'release' });
    expect(second.calls).toEqual([]);
    second.stop();
  });

  it('asks again with the same token when it stopped before the function had been called', async () => {
    const folder = temporaryFolder();
    const first = startEngine(folder, definition, { ask: () => new Promise(() => undefined) });
    first.begin();
    const { token } = await eventually('the token', () => first.current().token !== undefined && first.current());
    first.stop();
    const second = startEngine(folder, definition, { ask: () => null });
    second.resume();
    await eventually('the second call', () => second.current().called);
    expect(second.calls).toMatchObject([{ payload: { token } }]);
    second.stop();
  });

  it('gives up at TimeoutSeconds of the cloud’s clock', async () => {
    const engine = startEngine(temporaryFolder(), definition, { ask: () => null });
    engine.begin();
    await eventually('the question', () => engine.current().called);
    engine.clock.advance(3_601_000);
    expect(await engine.ended()).toMatchObject({ output: 'States.Timeout' });
    engine.stop();
  });
});

describe('what a definition may say', () => {
  const faultOf = (definition: string): string => {
    try {
      parseMachine(definition);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each([
    ['a state type of tomorrow', { A: { Type: 'Loop', ...END } }, 'States.A.Type: the local cloud does not run Loop'],
    ['a service it does not call', { A: { Type: 'Task', Resource: 'arn:aws:states:::dynamodb:putItem', ...END } }, 'States.A.Resource'],
    ['a way to nowhere', { A: { Type: 'Pass', Next: 'B' } }, 'States.A: no state B'],
    ['no way on', { A: { Type: 'Pass' } }, 'States.A: want Next or End'],
    ['a JSONPath field', { A: { Type: 'Pass', ResultPath: '$.a', ...END } }, 'States.A.ResultPath'],
    ['a distributed Map', { A: { Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'I', States: { I: { Type: 'Succeed' } } }, ...END } }, 'Mode: the local cloud runs INLINE, got DISTRIBUTED'],
    ['a tolerated failure, which inline maps do not have', { A: { Type: 'Map', ToleratedFailureCount: 1, ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Succeed' } } }, ...END } }, 'States.A.ToleratedFailureCount'],
    ['one name twice', { A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: { Type: 'Succeed' } } }], ...END } }, 'the name is used twice'],
    ['a jump out of a branch', { A: { Type: 'Parallel', Branches: [{ StartAt: 'I', States: { I: { Type: 'Pass', Next: 'B' } } }], Next: 'B' }, B: { Type: 'Succeed' } }, 'Branches[0].States.I: no state B'],
    ['an inner variable that hides an outer one', { A: { Type: 'Parallel', Assign: { n: 1 }, Branches: [{ StartAt: 'I', States: { I: { Type: 'Pass', Assign: { n: 2 }, ...END } } }], ...END } }, 'inner state I.Assign: n'],
  ])('refuses %s', (_, states, fault) => {
    expect(faultOf(machineOf('A', states))).toContain(fault);
  });

  it('takes the release workflow as it is deployed', () => {
    expect(faultOf(JSON.stringify(releaseDefinition({ seal: 't', monitor: 'm', review: 'r', wait: 'w', certificate: 'c', sequencer: 's' })))).toBe('');
  });

  it('refuses a machine in JSONPath', () => {
    expect(faultOf(JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } }))).toContain('want JSONata');
  });
});
