/** ECS task definitions for Fargate, as `aws ecs register-task-definition --cli-input-json` takes them. */
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { AWS_PREFIX, resourceTags } from "./resource-tags.ts";
import { serviceContainer, volumeName } from "./task-container.ts";
import type { TaskPlace } from "./task-place.ts";

/** Makes the task definition of a service that we build. */
export function emitTaskDefinition(spec: ServiceSpec, system: SystemSpec, place: TaskPlace): object {
  return {
    ...taskFrame(spec, place, spec.name),
    // Fargate has no tmpfs: every writable path is a volume that ends with the task. ECS gives it the owner
    // that the image's VOLUME of the same path has.
    volumes: spec.writablePaths.map((path) => ({ name: volumeName(path.path) })),
    containerDefinitions: [serviceContainer(spec, system, place)],
    tags: resourceTags(spec.name, place.text(place.deployment.environment)),
  };
}

/** What is the same for every task of a service. */
export function taskFrame(spec: ServiceSpec, place: TaskPlace, name: string): object {
  const { fargate } = spec.resources;
  return {
    family: `${AWS_PREFIX}-${name}`,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(fargate.cpu),
    memory: String(fargate.memoryMiB),
    runtimePlatform: { cpuArchitecture: place.cpuArchitecture, operatingSystemFamily: "LINUX" },
    executionRoleArn: place.role(spec.name, "execution"),
    taskRoleArn: place.role(name, "task"),
  };
}
