/** What the two roles of each task may do. ECS uses the execution role to start it, the programs use the task role. */
import { configVariables, secretVariables } from "../../spec/environment.ts";
import { type ServiceSpec, type SystemSpec, serviceOf } from "../../spec/service-spec.ts";
import { type NatsPermissions, publicKeyName } from "../nats-conf.ts";
import { HELPER_SERVICE } from "./cluster-task.ts";
import type { Value } from "./task-place.ts";

/** One statement of a policy. */
export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: Value | Value[];
  Condition?: object;
}

/** Where the resources of the statements are. */
export interface IamPlace {
  repository: (name: string) => Value;
  /** Every stream of a log group. */
  logStreams: (spec: ServiceSpec) => Value;
  secret: (name: string) => Value;
  /** Key that encrypts the secrets, and the service that may use it for the role. */
  secretsKey: Value;
  secretsService: Value;
  config: (name: string) => Value;
  fileSystem: Value;
  accessPoint: (node: string) => Value;
  /** Account and region as the trust policy names them. */
  account: Value;
  tasks: Value;
}

/** Repository of an image that is taken as it is, for whoever keeps a copy of it. */
export function copiedRepository(spec: ServiceSpec): string {
  return `mistersmith/${spec.name}`;
}

/** What ECS may do to start a task of a service: take its image, write its log, read its own secrets. */
export function executionStatements(
  spec: ServiceSpec,
  system: SystemSpec,
  permissions: NatsPermissions,
  place: IamPlace,
): Statement[] {
  const helper = spec.cluster ? [serviceOf(system, HELPER_SERVICE)] : [];
  const repositories = [spec, ...helper].map((one) => one.repository ?? copiedRepository(one));
  const secrets = secretVariables(spec).map(({ secret }) => secret);
  const publicKeys = spec.cluster ? Object.keys(permissions.roles).map(publicKeyName) : [];
  const configs = [...configVariables(spec).map(({ config }) => config), ...publicKeys];
  return [
    // AWS knows no resource for this action.
    allow("RegistryToken", ["ecr:GetAuthorizationToken"], "*"),
    allow(
      "Images",
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      repositories.map(place.repository),
    ),
    allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], place.logStreams(spec)),
    ...(secrets.length > 0 ? secretStatements(secrets, place) : []),
    ...(configs.length > 0 ? [allow("Configuration", ["ssm:GetParameters"], configs.map(place.config))] : []),
  ];
}

function secretStatements(secrets: readonly string[], place: IamPlace): Statement[] {
  const through = { StringEquals: { "kms:ViaService": place.secretsService } };
  return [
    allow("Secrets", ["secretsmanager:GetSecretValue"], secrets.map(place.secret)),
    { ...allow("SecretsKey", ["kms:Decrypt"], place.secretsKey), Condition: through },
  ];
}

/** What the programs of a task may do: nothing, but a server of a cluster its own directory of the storage. */
export function taskStatements(spec: ServiceSpec, node: string, place: IamPlace): Statement[] {
  if (!spec.cluster) return [];
  const own = { StringEquals: { "elasticfilesystem:AccessPointArn": place.accessPoint(node) } };
  const actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];
  return [{ ...allow("Storage", actions, place.fileSystem), Condition: own }];
}

/** Lets ECS take a role, for tasks of this account and region only. */
export function trustPolicy(place: IamPlace): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": place.account },
          ArnLike: { "aws:SourceArn": place.tasks },
        },
      },
    ],
  };
}

/** A policy as IAM writes it. */
export function policyDocument(statements: readonly Statement[]): object {
  return { Version: "2012-10-17", Statement: statements };
}

function allow(sid: string, actions: string[], resource: Value | Value[]): Statement {
  return { Sid: sid, Effect: "Allow", Action: actions, Resource: resource };
}
