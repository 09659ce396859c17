/** The roles of the tasks, with the statements of iam-policy.ts. */
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { executionStatements, policyDocument, taskStatements, trustPolicy } from "../ecs/iam-policy.ts";
import { resourceTags } from "../ecs/resource-tags.ts";
import type { NatsPermissions } from "../nats-conf.ts";
import { logicalId, type Resource, type Resources, ref } from "./intrinsics.ts";
import { pascalTags } from "./pascal-case.ts";
import { NAMES, templateIamPlace } from "./template-place.ts";

/** The execution role of a service, and a task role for each of its tasks that has a name. */
export function serviceRoles(
  spec: ServiceSpec,
  system: SystemSpec,
  permissions: NatsPermissions,
  tasks: readonly string[],
): Resources {
  const place = templateIamPlace();
  const statements = executionStatements(spec, system, permissions, place);
  const start = role(spec.name, [policy("start", statements)]);
  const own = tasks.map((task): [string, Resource] => {
    const rights = taskStatements(spec, task, place);
    return [logicalId(task, "task", "Role"), role(task, rights.length > 0 ? [policy("run", rights)] : [])];
  });
  return { [logicalId(spec.name, "execution", "Role")]: start, ...Object.fromEntries(own) };
}

function role(component: string, policies: readonly object[]): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: trustPolicy(templateIamPlace()),
      ...(policies.length > 0 && { Policies: policies }),
      Tags: pascalTags(resourceTags(component, ref(NAMES.environment))),
    },
  };
}

function policy(name: string, statements: Parameters<typeof policyDocument>[0]): object {
  return { PolicyName: name, PolicyDocument: policyDocument(statements) };
}
