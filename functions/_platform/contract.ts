import type * as z from 'zod';
import type { Role } from '../../shared/record/envelope.ts';
import type { Caller } from './ports.ts';

export type Method = 'GET' | 'POST';
type Shape = z.ZodObject;

/**
 * One route as its users know it. The same object parses requests, writes the OpenAPI document and, in the tests, holds the
 * served answers against it.
 */
export type Contract<Path extends Shape, Query extends Shape, Body extends Shape, Answer extends z.ZodType> = Readonly<{
  /** OpenAPI operationId, a verb and a noun. */
  operation: string;
  method: Method;
  /** API Gateway path, e.g. `/v1/batches/{batchId}`. */
  route: string;
  summary: string;
  /** Any one of these groups may call it. */
  roles: readonly Role[];
  path: Path;
  query: Query;
  body: Body;
  answer: Answer;
  /** 200 unless the call creates something. */
  status?: 200 | 201 | 202;
  /** `required`: a creating POST without an `Idempotency-Key` header is refused. */
  idempotency?: 'required' | 'optional';
  /** Bytes a body may have, where a file is sent with it. @default the limit of every command */
  maximumBodyBytes?: number;
  /** Media types other than JSON the route can answer with. */
  produces?: readonly string[];
  /** Field of a JSON answer with the address of the file that is too large for an answer: sent as 303, which clients follow. */
  elsewhere?: string;
}>;
export type AnyContract = Contract<Shape, Shape, Shape, z.ZodType>;

export const contract = <Path extends Shape, Query extends Shape, Body extends Shape, Answer extends z.ZodType>(
  definition: Contract<Path, Query, Body, Answer>,
): Contract<Path, Query, Body, Answer> => definition;

/** A parsed, permitted request. */
export type ApiRequest<Path, Query, Body> = Readonly<{
  path: Path;
  query: Query;
  body: Body;
  caller: Caller;
  requestId: string;
  idempotencyKey: string | undefined;
  /** Roles the route is for, of which the caller's token has one. */
  roles: readonly Role[];
  /** `<METHOD> <raw path>`, part of what an idempotency key stands for. */
  target: string;
}>;

/** An answer that is not JSON, e.g. a PDF. */
export class FileAnswer {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly fileName: string;
  constructor(contentType: string, body: Uint8Array, fileName: string) {
    this.contentType = contentType;
    this.body = body;
    this.fileName = fileName;
  }
}

export type Action<Path extends Shape, Query extends Shape, Body extends Shape, Answer extends z.ZodType> =
  (request: ApiRequest<z.output<Path>, z.output<Query>, z.output<Body>>) => Promise<z.input<Answer> | FileAnswer>;

/** A contract with the action that fulfils it; the types of both are tied here and forgotten by the router. */
export type Endpoint = Readonly<{ contract: AnyContract; run(request: ApiRequest<unknown, unknown, unknown>): Promise<unknown> }>;

export const endpoint = <Path extends Shape, Query extends Shape, Body extends Shape, Answer extends z.ZodType>(
  definition: Contract<Path, Query, Body, Answer>, action: Action<Path, Query, Body, Answer>,
): Endpoint => ({
  contract: definition,
  run: (request) => action(request as ApiRequest<z.output<Path>, z.output<Query>, z.output<Body>>),
});
