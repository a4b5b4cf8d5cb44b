import { evolveTrainingData, type TrainingData, type TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import type { StreamType } from '../_platform/stream-records.ts';

export const TRAINING_DATA: StreamType<TrainingData, TrainingDataEvent> = { kind: 'training-data', evolve: evolveTrainingData, summaryOf: ({ dataset, evaluations, calibrations, openings = [] }) => ({ evaluations, calibrations, openTests: openings.filter(({ isClosed }) => isClosed !== true).length, ...(dataset !== undefined && { dataset }) }) };
