import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi, CfnAuthorizer, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Route } from '../../shared/api/routes.ts';
import type { BedsideFunction } from './bedside-function.ts';
import type { People } from './people.ts';

export interface HttpInterfaceProps {
  readonly name: string;
  readonly routes: readonly Route[];
  /** By function name; every route's function must be here. */
  readonly functions: ReadonlyMap<string, BedsideFunction>;
  readonly people: People;
  readonly key: IKey;
  readonly logRetention: RetentionDays;
}

const routeIdOf = ({ method, path }: Route): string => `Route-${method}-${path.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;

/** Requests a second, and at once; far above what people do and far below what would hurt. */
const THROTTLE = { throttlingRateLimit: 100, throttlingBurstLimit: 200 };

/** For a route that anyone may post to: strangers must not take what the hospital's own people and functions need. A witness is asked a few times a minute by each log. */
const OPEN_POST_THROTTLE = { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 };

/** One HTTP API: a JWT authoriser over the site's user pool on every route but those that say what this is, and the witness's. */
export class HttpInterface extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, props: HttpInterfaceProps) {
    super(scope, id);
    const api = new CfnApi(this, 'Api', { name: props.name, protocolType: 'HTTP' });
    const authorizer = new CfnAuthorizer(this, 'Authorizer', {
      apiId: api.ref, name: 'user-pool', authorizerType: 'JWT', identitySource: ['$request.header.Authorization'],
      jwtConfiguration: { issuer: props.people.issuerUrl, audience: [props.people.client.userPoolClientId] },
    });
    const integrations = new Map<string, CfnIntegration>();
    for (const route of props.routes) this.#addRoute(api, authorizer, integrations, route, props.functions);
    const logs = new LogGroup(this, 'AccessLogs', { encryptionKey: props.key, retention: props.logRetention, removalPolicy: RemovalPolicy.RETAIN });
    const openPosts = props.routes.filter(({ method, authorised }) => method === 'POST' && !authorised);
    const stage = new CfnStage(this, 'Stage', {
      apiId: api.ref, stageName: '$default', autoDeploy: true, defaultRouteSettings: THROTTLE, routeSettings: Object.fromEntries(openPosts.map(({ method, path }) => [`${method} ${path}`, OPEN_POST_THROTTLE])),
      accessLogSettings: { destinationArn: logs.logGroupArn, format: '{"requestId":"$context.requestId","route":"$context.routeKey","status":"$context.status","sub":"$context.authorizer.claims.sub","time":"$context.requestTime"}' },
    });
    for (const route of openPosts) stage.node.addDependency(this.node.findChild(routeIdOf(route)));
    this.url = api.attrApiEndpoint;
  }

  #addRoute(api: CfnApi, authorizer: CfnAuthorizer, integrations: Map<string, CfnIntegration>, route: Route, functions: ReadonlyMap<string, BedsideFunction>): void {
    const target = functions.get(route.function);
    if (target === undefined) throw new Error(`route ${route.method} ${route.path}: no function ${route.function} in this stack`);
    const integration = integrations.get(route.function) ?? this.#integrate(api, route.function, target);
    integrations.set(route.function, integration);
    new CfnRoute(this, routeIdOf(route), {
      apiId: api.ref, routeKey: `${route.method} ${route.path}`, target: `integrations/${integration.ref}`,
      ...(route.authorised ? { authorizationType: 'JWT', authorizerId: authorizer.ref } : { authorizationType: 'NONE' }),
    });
  }

  #integrate(api: CfnApi, name: string, { lambda }: BedsideFunction): CfnIntegration {
    const { region, account } = Stack.of(this);
    lambda.addPermission(`Invoke-${this.node.id}`, { principal: new ServicePrincipal('apigateway.amazonaws.com'), sourceArn: `arn:aws:execute-api:${region}:${account}:${api.ref}/*/*` });
    return new CfnIntegration(this, `Integration-${name}`, { apiId: api.ref, integrationType: 'AWS_PROXY', integrationUri: lambda.functionArn, payloadFormatVersion: '2.0' });
  }
}
