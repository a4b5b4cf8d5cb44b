import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Counts in CloudWatch's embedded metric format, by node; the alarms of the stack stand on them. */
export const createCounter = (nodeId: string): ((name: string, value: number) => void) => {
  const metrics = new Metrics({ namespace: 'Bedside', defaultDimensions: { node: nodeId } });
  return (name, value) => {
    if (value > 0) metrics.singleMetric().addMetric(name, MetricUnit.Count, value);
  };
};
