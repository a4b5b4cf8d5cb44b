import { Logger } from '@aws-lambda-powertools/logger';

/** Structured logs. They hold identifiers and codes, never events, bodies, tokens or names. */
export const logger = new Logger();
