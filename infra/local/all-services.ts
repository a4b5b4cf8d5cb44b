import type { LocalServiceFactory } from './core/contracts.ts';
import { createApiGatewayService } from './services/api-gateway/service.ts';
import { createCognitoService } from './services/cognito/service.ts';
import { createDynamoDbService } from './services/dynamodb.ts';
import { createEventsService } from './services/events/service.ts';
import { createIotService } from './services/iot/service.ts';
import { createKmsService } from './services/kms/service.ts';
import { createLambdaService } from './services/lambda/service.ts';
import { createPassiveService } from './services/passive.ts';
import { createS3Service } from './services/s3/service.ts';
import { createSageMakerService } from './services/sagemaker.ts';
import { createSnsService } from './services/sns.ts';
import { createSqsService } from './services/sqs/service.ts';
import { createStatesService } from './services/states/service.ts';

/** Every service of the local cloud, in the order in which they start. */
export const allServices = (dynamodbEndpoint?: string): readonly LocalServiceFactory[] => [
  createPassiveService, createKmsService, createDynamoDbService(dynamodbEndpoint), createS3Service, createSqsService, createSnsService, createSageMakerService, createCognitoService,
  createLambdaService, createStatesService, createEventsService, createIotService, createApiGatewayService,
];
