import { CelEngine, TemplateFile, type Engine, type StandardDiagnostic } from '@aws/cloudformation-validate';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesised, type Synthesised } from './synthesised.ts';

/** The part of a template that cfn-lint reads for what not to report. */
type Acknowledged = Readonly<{ Metadata: { 'cfn-lint': { config: { ignore_checks: readonly string[] }; reasons: Readonly<Record<string, string>> } } }>;

/** From a warning on: below it are hints on style, which cfn-lint leaves out unless asked. */
const lint = (path: string): readonly StandardDiagnostic[] => engine.validateStandard(new TemplateFile(path), { severityLevel: 'WARN' }).diagnostics;

let made: Synthesised;
let engine: Engine;
beforeAll(async () => {
  made = await synthesised();
  engine = new CelEngine();
});
afterAll(() => { engine.free(); });

const pathsOf = ({ assemblyFolder, templates }: Synthesised): readonly string[] => templates.assembly.stacks.map(({ identity: { name } }) => join(assemblyFolder, `${name}.template.json`));
const acknowledgedIn = (path: string): Acknowledged['Metadata']['cfn-lint'] => (JSON.parse(readFileSync(path, 'utf8')) as Acknowledged).Metadata['cfn-lint'];

describe('cfn-lint\'s rules', () => {
  it('find nothing in any template but what it acknowledges, and each acknowledgement has its reason and is of something found', () => {
    const paths = pathsOf(made);
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) {
      const { config: { ignore_checks: acknowledged }, reasons } = acknowledgedIn(path);
      expect(Object.keys(reasons)).toEqual(acknowledged);
      expect([path, [...new Set(lint(path).map(({ ruleId }) => ruleId))]]).toEqual([path, acknowledged]);
    }
  });

  it('find a property and an attribute that a resource does not have', () => {
    const [from = ''] = pathsOf(made);
    const template = JSON.parse(readFileSync(from, 'utf8')) as { Resources: Record<string, unknown> };
    const own = Object.keys(template.Resources)[0] ?? '';
    const path = join(made.folder, 'wrong.template.json');
    template.Resources['Wrong'] = { Type: 'AWS::SQS::Queue', Properties: { Colour: 'green', QueueName: { 'Fn::GetAtt': [own, 'Colour'] } } };
    writeFileSync(path, JSON.stringify(template));
    expect(lint(path).filter(({ severity }) => severity !== 'WARN').map(({ message }) => message)).toEqual([expect.stringContaining("('Colour' was unexpected)"), expect.stringContaining("'Colour' is not one of")]);
  });
});
