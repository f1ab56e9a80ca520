import type { AWS } from '@serverless/typescript';

import hello from '@functions/hello';
import { TABLES as tables } from './src/names';

const stage = process.env.STAGE || 'dev';

const serverlessConfiguration: AWS = {
  service: 'greeter',
  provider: {
    name: 'aws',
    runtime: 'nodejs20.x',
    environment: { TABLE: `${tables.main}-${stage}`, OWNER: '${self:custom.owner}' },
    iamRoleStatements: [
      ...tables.all.map((name) => ({ Effect: 'Allow', Action: ['dynamodb:Query'], Resource: { 'Fn::GetAtt': [name, 'Arn'] } })),
    ],
  },
  custom: { owner: 'us' },
  functions: { hello },
  resources: { Resources: { Names: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'names' } } } },
};

module.exports = serverlessConfiguration;
