// Tells what the constructs of the CDK's library stand for, by making each once and looking at the template:
//   npm install --no-save aws-cdk-lib@2.276.0 constructs && node api-maps/cdk.mjs api-maps/cdk.json [further packages]
// Adds what is not in the file yet; what stands there was reviewed and stays.
import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { tmpdir } from 'node:os';

const require = createRequire(join(process.cwd(), 'x.js'));
const TYPES = {};
const ROOTS = {};
for (const name of ['aws-cdk-lib', 'constructs', ...process.argv.slice(3)]) {
  const folder = join(process.cwd(), 'node_modules', name);
  let jsii = JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8'));
  if (jsii.compression) jsii = JSON.parse(gunzipSync(readFileSync(join(folder, jsii.filename))));
  Object.assign(TYPES, jsii.types);
  ROOTS[name] = require(name);
}
const cdk = ROOTS['aws-cdk-lib'];
const RESOURCES = JSON.parse(readFileSync(join(import.meta.dirname, 'resources', 'cloudformation.json')));

const lookup = (fqn) => {
  const type = TYPES[fqn];
  let at = ROOTS[type.assembly];
  for (const part of type.namespace?.split('.') ?? []) at = at?.[part];
  return at?.[type.name];
};
const chain = function* (fqn) {
  for (; fqn; fqn = TYPES[fqn]?.base) yield fqn;
};
const isConstruct = (fqn) => [...chain(fqn)].at(-1) === 'constructs.Construct';
const members = (fqn, kind) => {
  const out = new Map();
  const visit = (fqn) => {
    const type = TYPES[fqn];
    if (!type) return;
    for (const member of type[kind] ?? []) if (!out.has(member.name)) out.set(member.name, member);
    for (const base of [type.base, ...(type.interfaces ?? [])]) if (base) visit(base);
  };
  visit(fqn);
  return [...out.values()];
};

// Values of types, as small as they can be.
const HINTS = [
  [/cidr/i, '10.0.0.0/16'], [/arn$/i, 'arn:aws:iam::123456789012:role/probe'], [/email/i, 'a@example.com'],
  [/domainName|zoneName|recordName|hostname|dnsName/i, 'example.com'], [/url|uri/i, 'https://example.com/x'],
  [/entry|path$/i, process.cwd()], [/availabilityZone/i, 'eu-west-1a'], [/account/i, '123456789012'], [/region/i, 'eu-west-1'],
  [/schedule/i, 'rate(1 day)'], [/version/i, '1.0'],
];
const made = {
  Duration: () => cdk.Duration.minutes(5),
  Size: () => cdk.Size.gibibytes(20),
  'aws_lambda.Code': () => cdk.aws_lambda.Code.fromInline('x'),
  'aws_lambda.Runtime': () => cdk.aws_lambda.Runtime.PYTHON_3_12,
  'aws_lambda.Handler': () => cdk.aws_lambda.Handler.FROM_IMAGE,
  'aws_iam.IPrincipal': () => new cdk.aws_iam.ServicePrincipal('lambda.amazonaws.com'),
  'aws_iam.IGrantable': () => new cdk.aws_iam.ServicePrincipal('lambda.amazonaws.com'),
  'aws_s3_assets.Asset': (scope) => new cdk.aws_s3_assets.Asset(scope, 'Asset', { path: emptyFolder() }),
  'aws_rds.IClusterEngine': () => cdk.aws_rds.DatabaseClusterEngine.AURORA_MYSQL,
  'aws_rds.IInstanceEngine': () => cdk.aws_rds.DatabaseInstanceEngine.MYSQL,
  'aws_ec2.InstanceType': () => new cdk.aws_ec2.InstanceType('m5.large'),
  'aws_ec2.IMachineImage': () => cdk.aws_ec2.MachineImage.latestAmazonLinux2023(),
  'aws_ecs.ContainerImage': () => cdk.aws_ecs.ContainerImage.fromRegistry('x'),
  'aws_events.Schedule': () => cdk.aws_events.Schedule.rate(cdk.Duration.days(1)),
  'aws_stepfunctions.IChainable': (scope) => new cdk.aws_stepfunctions.Pass(scope, 'Pass'),
  'aws_apigateway.Integration': () => new cdk.aws_apigateway.MockIntegration(),
  'aws_appsync.SchemaFile': () => cdk.aws_appsync.SchemaFile,
  'aws_ecs.TaskDefinition': (scope) => value({ fqn: 'aws-cdk-lib.aws_ecs.FargateTaskDefinition' }, 'task', scope, 2),
  'aws_ecs.ITaskDefinition': (scope) => value({ fqn: 'aws-cdk-lib.aws_ecs.FargateTaskDefinition' }, 'task', scope, 2),
  'aws_bedrockagentcore.AgentRuntimeArtifact': () => cdk.aws_bedrockagentcore.AgentRuntimeArtifact.fromImageUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1'),
  'aws_kms.IKey': (scope) => new cdk.aws_kms.Key(scope, `Key${++count}`),
};
let folder;
const emptyFolder = () => (folder ??= mkdtempSync(join(tmpdir(), 'cdk-')));
let count = 0;
const short = (fqn) => fqn.replace('aws-cdk-lib.', '');

const primitive = (kind, name) => {
  if (kind === 'number') return 1;
  if (kind === 'boolean') return true;
  if (kind === 'date') return new Date(0);
  if (kind === 'string') return HINTS.find(([pattern]) => pattern.test(name))?.[1] ?? 'probe';
  return {};
};
const value = (type, name, scope, depth) => {
  if (depth > 7) throw new Error(`too deep: ${name}`);
  if (type.primitive) return primitive(type.primitive, name);
  if (type.union) return first(type.union.types.map((type) => () => value(type, name, scope, depth + 1)), name);
  if (type.intersection) return value(type.intersection.types[0], name, scope, depth + 1);
  if (type.collection) {
    const inner = value(type.collection.elementtype, name, scope, depth + 1);
    return type.collection.kind === 'array' ? [inner] : { probe: inner };
  }
  const known = made[short(type.fqn)];
  if (known) return known(scope);
  const described = TYPES[type.fqn];
  if (!described) throw new Error(`unknown type ${type.fqn}`);
  if (described.kind === 'enum') return lookup(type.fqn)[described.members[0].name];
  if (described.kind === 'interface' && described.datatype) return props(type.fqn, scope, depth);
  if (described.kind === 'interface') {
    const named = type.fqn.replace(/\.I([A-Z]\w*)$/, '.$1').replace(/Ref$/, '').replace('.interfaces.', '.');
    const all = [named, ...Object.keys(TYPES).filter((fqn) => TYPES[fqn].kind === 'class' && !TYPES[fqn].abstract && implementing(fqn, type.fqn))];
    return first(all.filter((fqn) => TYPES[fqn]?.kind === 'class').slice(0, 6).map((fqn) => () => instance(fqn, scope, depth + 1)), name);
  }
  return instance(type.fqn, scope, depth + 1);
};
const implementing = (fqn, wanted) => {
  for (const base of chain(fqn)) for (const one of TYPES[base]?.interfaces ?? []) if (one === wanted || extending(one, wanted)) return true;
  return false;
};
const extending = (fqn, wanted) => (TYPES[fqn]?.interfaces ?? []).some((one) => one === wanted || extending(one, wanted));
const first = (ways, name) => {
  let last = new Error(`no way to make ${name}`);
  for (const way of ways) try { return way(); } catch (error) { last = error; }
  throw last;
};
const props = (fqn, scope, depth) => {
  const out = {};
  for (const property of members(fqn, 'properties')) {
    if (!property.optional) out[property.name] = value(property.type, property.name, scope, depth + 1);
  }
  return Object.assign(out, MORE[short(fqn)]?.(scope));
};
// What a construct needs although its type does not say so.
const MORE = {
  'aws_rds.DatabaseClusterProps': (scope) => ({ vpc: vpc(scope), writer: cdk.aws_rds.ClusterInstance.serverlessV2('w') }),
  'aws_rds.DatabaseClusterFromSnapshotProps': (scope) => ({ vpc: vpc(scope), writer: cdk.aws_rds.ClusterInstance.serverlessV2('w') }),
  'aws_ecs.FargateTaskDefinitionProps': () => ({}),
  'aws_ecs.TaskDefinitionProps': () => ({ cpu: '256', memoryMiB: '512' }),
  'aws_events.RuleProps': () => ({ schedule: cdk.aws_events.Schedule.rate(cdk.Duration.days(1)) }),
  'aws_stepfunctions.StateMachineProps': (scope) => ({ definitionBody: cdk.aws_stepfunctions.DefinitionBody.fromChainable(new cdk.aws_stepfunctions.Pass(scope, `Pass${++count}`)) }),
  'aws_codebuild.ProjectProps': () => ({ buildSpec: cdk.aws_codebuild.BuildSpec.fromObject({ version: '0.2' }) }),
  'aws_dynamodb.TableProps': () => ({ stream: cdk.aws_dynamodb.StreamViewType.NEW_IMAGE, partitionKey: { name: 'id', type: cdk.aws_dynamodb.AttributeType.STRING } }),
  'aws_dynamodb.TablePropsV2': () => ({ dynamoStream: cdk.aws_dynamodb.StreamViewType.NEW_IMAGE }),
  'aws_appsync.GraphqlApiProps': () => ({ definition: cdk.aws_appsync.Definition.fromFile(fileOf('type Query { x: String }')) }),
  'aws_appsync.EventApiProps': () => iamOnly(),
  'aws_lambda.LayerVersionProps': () => ({ code: cdk.aws_lambda.Code.fromAsset(emptyFolder()) }),
  'aws_lambda.EventSourceMappingProps': () => ({ eventSourceArn: 'arn:aws:sqs:eu-west-1:123456789012:x' }),
  'aws_lambda_nodejs.NodejsFunctionProps': () => ({ code: cdk.aws_lambda.Code.fromInline('x'), handler: 'index.handler' }),
  'aws_cloudfront.PublicKeyProps': () => ({ encodedKey: '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----' }),
  'aws_cloudfront.FunctionProps': () => ({ code: cdk.aws_cloudfront.FunctionCode.fromInline('x') }),
  'aws_opensearchservice.DomainProps': () => ({ version: cdk.aws_opensearchservice.EngineVersion.OPENSEARCH_2_11 }),
  'aws_elasticsearch.DomainProps': () => ({ version: cdk.aws_elasticsearch.ElasticsearchVersion.V7_10 }),
  'aws_rds.DatabaseProxyProps': (scope) => ({ secrets: [new cdk.aws_secretsmanager.Secret(scope, `Secret${++count}`)] }),
  'aws_docdb.DatabaseClusterProps': () => ({ instanceType: new cdk.aws_ec2.InstanceType('r5.large') }),
  'aws_synthetics.CanaryProps': () => ({ test: cdk.aws_synthetics.Test.custom({ code: cdk.aws_synthetics.Code.fromInline('x'), handler: 'index.handler' }) }),
  'aws_autoscaling.AutoScalingGroupProps': () => ({ instanceType: made['aws_ec2.InstanceType'](), machineImage: made['aws_ec2.IMachineImage']() }),
  ...Object.fromEntries(['ApplicationLoadBalancedFargateService', 'NetworkLoadBalancedFargateService', 'QueueProcessingFargateService', 'ScheduledFargateTask'].map((name) => [
    `aws_ecs_patterns.${name}Props`,
    (scope) => ({ vpc: vpc(scope), ...(name.startsWith('S') ? { scheduledFargateTaskImageOptions: { image: made['aws_ecs.ContainerImage']() }, schedule: cdk.aws_applicationautoscaling.Schedule.rate(cdk.Duration.days(1)) } : name.startsWith('Q') ? { image: made['aws_ecs.ContainerImage']() } : { taskImageOptions: { image: made['aws_ecs.ContainerImage']() } }) }),
  ])),
  'aws_ec2.VolumeProps': () => ({ size: cdk.Size.gibibytes(1) }),
  'aws_elasticloadbalancingv2.ApplicationListenerProps': () => ({ port: 80, defaultAction: cdk.aws_elasticloadbalancingv2.ListenerAction.fixedResponse(200) }),
  'aws_bedrock.AgentProps': () => ({ instruction: 'x'.repeat(50) }),
  'aws_cognito.UserPoolIdentityProviderSamlProps': () => ({ metadata: cdk.aws_cognito.UserPoolIdentityProviderSamlMetadata.url('https://example.com') }),
};
const fileOf = (text) => {
  const path = join(emptyFolder(), 'file.graphql');
  writeFileSync(path, text);
  return path;
};
const iamOnly = () => ({ authorizationConfig: { authProviders: [{ authorizationType: cdk.aws_appsync.AppSyncAuthorizationType.IAM }] } });
let vpcs = new WeakMap();
const vpc = (scope) => {
  const stack = cdk.Stack.of(scope);
  if (!vpcs.has(stack)) vpcs.set(stack, new cdk.aws_ec2.Vpc(stack, 'Vpc'));
  return vpcs.get(stack);
};
made['aws_ec2.IVpc'] = made['aws_ec2.Vpc'] = vpc;

const instance = (fqn, scope, depth, given) => {
  const described = TYPES[fqn];
  const type = lookup(fqn);
  if (made[short(fqn)] && !given) return made[short(fqn)](scope);
  const statics = () => {
    const constant = (described.properties ?? []).find((property) => property.static && property.type.fqn === fqn && !property.docs?.deprecated);
    if (constant) return type[constant.name];
    const makers = (described.methods ?? []).filter((method) => method.static && method.returns?.type.fqn === fqn && !/^from.*(Arn|Name|Attributes|Lookup)$/.test(method.name));
    return first(makers.map((method) => () => type[method.name](...parameters(method, scope, depth))), fqn);
  };
  if (described.abstract || !described.initializer) {
    return first([statics, ...Object.keys(TYPES).filter((other) => TYPES[other].base === fqn && !TYPES[other].abstract).slice(0, 5).map((other) => () => instance(other, scope, depth + 1))], fqn);
  }
  const construct = () => new type(...parameters(described.initializer, scope, depth, isConstruct(fqn) && given));
  return isConstruct(fqn) ? construct() : first([construct, statics], fqn);
};
const parameters = (callable, scope, depth, given) => {
  const out = [];
  for (const parameter of callable.parameters ?? []) {
    if (parameter.name === 'scope') out.push(scope);
    else if (parameter.name === 'id') out.push(given ? 'Probed' : `Probe${++count}`);
    else if (parameter.variadic) out.push(value(parameter.type, parameter.name, scope, depth + 1));
    else if (parameter.optional && !given && !MORE[short(parameter.type.fqn ?? '')]) break;
    else if (given && TYPES[parameter.type.fqn]?.datatype) out.push({ ...props(parameter.type.fqn, scope, depth), ...(typeof given === 'function' ? given(scope) : {}) });
    else if (parameter.optional) break;
    else out.push(value(parameter.type, parameter.name, scope, depth + 1));
  }
  return out;
};

// Looking at what was made.
const fresh = () => new cdk.Stack(new cdk.App({ analyticsReporting: false }), 'S');
const moduleName = (fqn) => {
  const type = TYPES[fqn];
  const inner = type.assembly === 'aws-cdk-lib' ? type.namespace?.replaceAll('_', '-') : type.assembly.replace('@aws-cdk/', '').replace(/-alpha$/, '');
  return inner ? `${inner}.${type.name}` : type.name;
};
const PSEUDO = { 'AWS::Partition': 'Partition', 'AWS::Region': 'Region', 'AWS::AccountId': 'Account', 'AWS::URLSuffix': '' };
/** A resolved value as the name of an attribute of one resource, or as a text with such; nothing for everything else. */
const spelled = (resolved, id) => {
  if (typeof resolved === 'string') return resolved.includes('${Token') ? undefined : resolved.replaceAll('${', '$ {');
  if (resolved?.Ref === 'AWS::URLSuffix') return 'amazonaws.com';
  if (PSEUDO[resolved?.Ref]) return `\${${PSEUDO[resolved.Ref]}}`;
  if (resolved?.Ref === id) return '${Ref}';
  const got = resolved?.['Fn::GetAtt'];
  if (Array.isArray(got) && got[0] === id) return `\${${got[1]}}`;
  const joined = resolved?.['Fn::Join'];
  if (joined) {
    const parts = joined[1].map((part) => spelled(part, id));
    return parts.includes(undefined) ? undefined : parts.join(joined[0]);
  }
  return undefined;
};
const attributesOf = (fqn, construct, stack, id) => {
  const out = {};
  for (const property of members(fqn, 'properties')) {
    if (property.static || !['string', undefined].includes(property.type?.primitive)) continue;
    let text;
    try {
      const read = construct[property.name];
      if (typeof read !== 'string') continue;
      text = spelled(stack.resolve(read), id);
    } catch { continue; }
    if (!text?.includes('${') || !/\$\{(?!Partition|Region|Account)/.test(text)) continue;
    out[property.name] = /^\$\{[^}]*\}$/.test(text) ? text.slice(2, -1) : text;
  }
  return out;
};
const resourceOf = (fqn, construct, stack) => {
  const own = construct.node.defaultChild;
  if (own instanceof cdk.CfnResource) return own;
  const all = construct.node.findAll().filter((child) => child instanceof cdk.CfnResource);
  const votes = all.map((child) => [Object.keys(attributesOf(fqn, construct, stack, stack.resolve(child.logicalId))).length, child]);
  votes.sort((a, b) => b[0] - a[0]);
  return votes[0]?.[0] > 0 ? votes[0][1] : undefined;
};
const tryMake = (fqn, more) => {
  const stack = fresh();
  const construct = instance(fqn, stack, 0, more ?? (() => ({})));
  return { stack, construct };
};
const propsOf = (fqn) => {
  const last = (TYPES[fqn].initializer?.parameters ?? []).find((parameter) => TYPES[parameter.type.fqn]?.datatype);
  return last ? members(last.type.fqn, 'properties') : [];
};
const template = (stack, id) => stack.resolve(stack._toCloudFormation()).Resources?.[id]?.Properties ?? {};
const at = (object, path) => path.split('.').reduce((object, part) => object?.[part], object);

const nameOf = (fqn, facts) => {
  if (!facts?.name) return undefined;
  const candidates = propsOf(fqn).filter((property) => property.type.primitive === 'string' && /name|identifier/i.test(property.name));
  for (const property of candidates) {
    for (const probe of ['leash-probe', '/leash/probe', 'leash_probe', 'leash-probe.fifo']) {
      try {
        const { stack, construct } = tryMake(fqn, () => ({ [property.name]: probe }));
        const resource = resourceOf(fqn, construct, stack);
        if (at(template(stack, stack.resolve(resource.logicalId)), facts.name) === probe) return [property.name, facts.name];
      } catch { /* another form, another property */ }
    }
  }
  return undefined;
};
const keyOf = (fqn, facts) => {
  if (!facts?.kms) return undefined;
  for (const property of propsOf(fqn).filter((property) => /aws_kms\.IKey(Ref)?$/.test(property.type.fqn ?? ''))) {
    try {
      const { stack, construct } = tryMake(fqn, (scope) => ({ [property.name]: new cdk.aws_kms.Key(scope, 'TheKey') }));
      const resource = resourceOf(fqn, construct, stack);
      if (JSON.stringify(at(template(stack, stack.resolve(resource.logicalId)), facts.kms) ?? '').includes('TheKey')) return property.name;
    } catch { /* another property */ }
  }
  return undefined;
};

// What grant methods write.
const list = (value) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const grantsOf = (fqn, facts, key) => {
  const grants = {};
  let grant;
  const methods = members(fqn, 'methods').filter((method) => !method.static && method.name.startsWith('grant') && method.parameters?.[0] && !method.docs?.deprecated);
  for (const method of methods) {
    try {
      const { stack, construct } = tryMake(fqn, (scope) => (key ? { [key]: new cdk.aws_kms.Key(scope, 'TheKey') } : {}));
      const role = new cdk.aws_iam.Role(stack, 'Grantee', { assumedBy: new cdk.aws_iam.ServicePrincipal('lambda.amazonaws.com') });
      const rest = (method.parameters ?? []).slice(1).map((parameter, at) => (parameter.name === 'actions' ? (parameter.variadic ? 'leash:Probe' : ['leash:Probe']) : parameter.optional ? undefined : parameter.type.primitive === 'string' ? `leash-argument-${at + 1}` : value(parameter.type, parameter.name, stack, 1)));
      if (construct.addContainer) construct.addContainer('C', { image: made['aws_ecs.ContainerImage'](), memoryLimitMiB: 128 });
      construct[method.name](role, ...rest);
      const id = stack.resolve(resourceOf(fqn, construct, stack).logicalId);
      const resources = stack.resolve(stack._toCloudFormation()).Resources;
      const own = Object.entries(resources).filter(([name, resource]) => resource.Type === 'AWS::IAM::Policy' && JSON.stringify(resource.Properties.Roles).includes('Grantee'));
      const statements = own.flatMap(([, resource]) => resource.Properties.PolicyDocument.Statement);
      if (!statements.length) continue;
      const arn = facts.arn;
      const spell = (resource) => {
        if (resource === '*') return '*';
        const text = spelled(resource, id);
        if (text === undefined || /probe/i.test(text)) return '${?a resource beside the construct}';
        const named = text.replace(/leash-argument-(\d+)/g, '${$1}');
        return arn && named.startsWith(arn) ? named.slice(arn.length) : named;
      };
      const out = { keys: [], statements: [] };
      for (const statement of statements) {
        const on = list(statement.Resource);
        if (key && JSON.stringify(on).includes('TheKey')) out.keys.push(...list(statement.Action));
        else {
          const one = { actions: list(statement.Action).toSorted(), resources: on.map(spell) };
          if (statement.Condition) one.conditions = JSON.parse(JSON.stringify(statement.Condition), (_, value) => (typeof value === 'boolean' ? String(value) : value));
          out.statements.push(one);
        }
      }
      if (!out.statements.length) continue;
      const [main, ...also] = out.statements;
      if (out.statements.some((statement) => statement.actions.includes('leash:Probe'))) {
        if (method.name === 'grant') grant = main.resources;
        continue;
      }
      grants[method.name] = main;
      if (out.keys.length) main.key = out.keys.toSorted();
      if (also.length) main.also = also;
    } catch (error) {
      problems.push(`${moduleName(fqn)}.${method.name}: ${error.message.split('\n')[0]}`);
    }
  }
  return { grant, grants };
};

const problems = [];
// What leash reads as the construct itself, and what permissions never name.
const REACHED = new Set(['role', 'grantPrincipal', 'currentVersion', 'latestVersion', 'logGroup', 'root', 'latestDeployment']);
const factsOf = (fqn) => {
  const { stack, construct } = tryMake(fqn);
  const resource = resourceOf(fqn, construct, stack);
  if (!resource) return undefined;
  const id = stack.resolve(resource.logicalId);
  const kind = resource.cfnResourceType;
  if (!kind.startsWith('AWS::')) return undefined;
  const out = { kind };
  const facts = RESOURCES[kind];
  const name = nameOf(fqn, facts);
  if (name) out.name = name;
  out.attributes = attributesOf(fqn, construct, stack, id);
  const key = keyOf(fqn, facts);
  const arns = Object.keys(out.attributes).filter((name) => name === 'arn' || name === 'streamArn' || (name.endsWith('Arn') && !name.includes('Stream')));
  const own = arns.find((name) => name.toLowerCase() === `${TYPES[fqn].name}Arn`.toLowerCase()) ?? arns[0];
  if (own && own !== arns.toSorted()[0]) out.arn = own;
  const arn = out.attributes[own];
  const { grant, grants } = grantsOf(fqn, { arn: arn && (arn.includes('${') ? arn : `\${${arn}}`) }, key);
  const uses = Object.values(grants).some((grant) => grant.key);
  if (key) out.key = key;
  if (grant) out.grant = grant;
  if (Object.keys(grants).length) out.grants = grants;
  const makes = {};
  for (const method of members(fqn, 'methods')) {
    const type = method.returns?.type.fqn;
    if (method.static || !type || !isConstruct(type) || TYPES[type].name.startsWith('Cfn')) continue;
    const index = (method.parameters ?? []).findIndex((parameter) => parameter.name === 'id' && parameter.type.primitive === 'string');
    if (index === 0) makes[method.name] = moduleName(type);
  }
  if (Object.keys(makes).length) out.makes = makes;
  const has = {};
  for (const property of members(fqn, 'properties')) {
    if (property.static || !property.type.fqn || REACHED.has(property.name)) continue;
    let child;
    try { child = construct[property.name]; } catch { continue; }
    if (!(child instanceof ROOTS.constructs.Construct) || child === construct || !child.node.path.startsWith(`${construct.node.path}/`)) continue;
    const named = property.type.fqn.replace(/\.I([A-Z]\w*)$/, '.$1');
    if (TYPES[named]?.kind === 'class' && isConstruct(named) && !TYPES[named].name.startsWith('Cfn')) has[property.name] = moduleName(named);
  }
  if (Object.keys(has).length) out.has = has;
  if (Object.keys(makes).length) out.makes = makes;
  if (!Object.keys(out.attributes).length) delete out.attributes;
  return out.attributes || grant || out.grants || out.makes ? out : undefined;
};

const target = process.argv[2];
const result = {};
for (const fqn of Object.keys(TYPES).sort()) {
  const type = TYPES[fqn];
  if (type.kind !== 'class' || type.abstract || !isConstruct(fqn) || type.name.startsWith('Cfn') || !/^(aws|custom)-/.test(moduleName(fqn))) continue;
  try {
    const facts = factsOf(fqn);
    if (facts) result[moduleName(fqn)] = facts;
  } catch (error) {
    problems.push(`${moduleName(fqn)}: ${error.message.split('\n')[0]}`);
  }
}
const known = JSON.parse(readFileSync(target, 'utf8'));
for (const [name, facts] of Object.entries(result)) {
  const mine = known.constructs[name];
  if (!mine) known.constructs[name] = facts;
  else if (!mine.like) {
    for (const part of ['attributes', 'grants', 'makes', 'has']) if (facts[part]) mine[part] = { ...facts[part], ...mine[part] };
  }
}
// Classes that are generated from the resource types, by the namespace of these; those called otherwise one by one.
known.namespaces = {};
const generated = {};
for (const fqn of Object.keys(TYPES).sort()) {
  const kind = TYPES[fqn].name.startsWith('Cfn') && lookup(fqn)?.CFN_RESOURCE_TYPE_NAME;
  if (kind) (generated[moduleName(fqn).replace(/\.?Cfn\w+$/, '')] ??= []).push([moduleName(fqn), kind]);
}
for (const [module, all] of Object.entries(generated)) {
  const spaces = all.map(([, kind]) => kind.split('::').slice(0, 2).join('::'));
  const most = spaces.toSorted((a, b) => spaces.filter((x) => x === b).length - spaces.filter((x) => x === a).length)[0];
  if (module) known.namespaces[module] = most;
  for (const [name, kind] of all) {
    if (module && kind !== `${most}::${name.split('.Cfn')[1]}`) known.namespaces[name] = kind;
  }
}
// One line for what fits on one.
const INDENTED = [[], ['namespaces'], ['static'], ['made'], ['constructs'], ['constructs', '*'], ['constructs', '*', 'grants']];
const write = (value, path) => {
  const wide = INDENTED.some((one) => one.length === path.length && one.every((part, at) => part === '*' || part === path[at]));
  const simple = path.length === 2 && path[0] === 'constructs' && value.like;
  const entries = (object, inner) => Object.entries(object).map(([name, item]) => `${JSON.stringify(name)}: ${inner(item, name)}`);
  if (wide && !simple) {
    const indent = '  '.repeat(path.length + 1);
    return `{\n${entries(value, (item, name) => `${write(item, [...path, name])}`).map((line) => indent + line).join(',\n')}\n${'  '.repeat(path.length)}}`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item, [...path, '.', '.', '.'])).join(', ')}]`;
  if (value && typeof value === 'object') return `{${entries(value, (item) => write(item, [...path, '.', '.', '.'])).join(', ')}}`;
  return JSON.stringify(value);
};
const order = ['kind', 'name', 'attributes', 'arn', 'key', 'grant', 'makes', 'has', 'grants'];
const sorted = (object) => Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
for (const facts of Object.values(known.constructs)) {
  for (const part of ['attributes', 'grants', 'makes', 'has']) if (facts[part]) facts[part] = sorted(facts[part]);
}
known.constructs = sorted(Object.fromEntries(Object.entries(known.constructs).map(([name, facts]) => [
  name,
  facts.like ? facts : Object.fromEntries(order.filter((part) => facts[part] !== undefined).map((part) => [part, facts[part]])),
])));
known.namespaces = sorted(known.namespaces);
const { documentation, source, namespaces, constructs, ...rest } = known;
writeFileSync(target, `${write({ documentation, source, namespaces, ...rest, constructs }, [])}\n`);
console.error(problems.join('\n'));
console.error(`${Object.keys(result).length} constructs`);
