import { assessDeviation, assessGap, closeDeviation, raiseDeviation } from '../../shared/batch/commands/deviation.ts';
import { recordDisposition, recordTestResult } from '../../shared/batch/commands/quality.ts';
import { certifyStagedResults } from '../../shared/batch/commands/staged-results.ts';
import { identifierFrom } from '../../shared/identity/identifiers.ts';
import { signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { batchCommand } from './batch-command.ts';
import type { BatchApiPorts } from './ports.ts';
import * as Routes from './schema.ts';

/** Deviations, telemetry gaps, test results and the disposition. */
export const qualityEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(Routes.RaiseDeviation, (request) => {
    const { severity, title, detail, phaseId, testId } = request.body;
    const deviationId = identifierFrom('DEV', ports.randomBytes(10));
    return batchCommand(ports, 'raiseDeviation', request, (batch) => raiseDeviation(batch, { deviationId, severity, title, detail, ...(phaseId === undefined ? {} : { phaseId }), ...(testId === undefined ? {} : { testId }) }));
  }),
  endpoint(Routes.AssessDeviation, (request) => {
    const { impact, rootCause } = request.body;
    return batchCommand(ports, 'assessDeviation', request, (batch, signature) => assessDeviation(batch, request.path.deviationId, { impact, rootCause }, signed(signature)));
  }),
  endpoint(Routes.CloseDeviation, (request) =>
    batchCommand(ports, 'closeDeviation', request, (batch, signature) => closeDeviation(batch, request.path.deviationId, { conclusion: request.body.conclusion, testResult: request.body.testResult }, signed(signature)))),
  endpoint(Routes.AssessGap, (request) =>
    batchCommand(ports, 'assessTelemetryGap', request, (batch, signature) => assessGap(batch, request.path.gapId, request.body.assessment, signed(signature)))),
  endpoint(Routes.RecordTestResult, (request) => {
    const { testId, value, method, sampleId, reason } = request.body;
    const deviationId = identifierFrom('DEV', ports.randomBytes(10));
    return batchCommand(ports, 'recordTestResult', request, (batch, signature) => recordTestResult(batch, { testId, value, method, sampleId, reason, deviationId }, signed(signature)));
  }),
  endpoint(Routes.RecordDisposition, async (request) => {
    const { disposition, reason, signature: { version } } = request.body;
    const isPublished = await ports.isPublished({ kind: 'batch', id: request.path.batchId }, version);
    return batchCommand(ports, 'recordDisposition', request, (batch, signature, roles) => recordDisposition(batch, { disposition, reason, isPublished }, signed(signature), roles));
  }),
  endpoint(Routes.CertifyStagedResults, async (request) => {
    const isPublished = await ports.isPublished({ kind: 'batch', id: request.path.batchId }, request.body.signature.version);
    return batchCommand(ports, 'certifyStagedResults', request, (batch, signature, roles) => certifyStagedResults(batch, isPublished, signed(signature), roles));
  }),
];
