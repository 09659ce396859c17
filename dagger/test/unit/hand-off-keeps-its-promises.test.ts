import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { networkFlows } from "../../src/emit/network-flows.ts";
import { PLATFORMS } from "../../src/spec/platform.ts";
import { OPTIONS, repoHandOff } from "./support/hand-off.ts";
import { repoSystem, repoText } from "./support/repo.ts";

// biome-ignore lint/suspicious/noExplicitAny: a template has no type of its own
type Json = any;

const files = repoHandOff();
const template: Json = parse(files["cloudformation.yaml"] ?? "");
const tasks: Record<string, Json> = Object.fromEntries(
  Object.entries(files)
    .filter(([path]) => path.startsWith("task-definitions/"))
    .map(([path, text]) => [path.replace(/.*\/|\.json$/g, ""), JSON.parse(text)]),
);
const resources = (type: string): [string, Json][] =>
  Object.entries(template.Resources as Record<string, Json>).filter(([, { Type }]) => Type === type);

describe("the processor of the tasks", () => {
  it.each(PLATFORMS)("is that of the images, everywhere: $name", (platform) => {
    const files = repoHandOff(OPTIONS, { platform });
    const named = Object.values(files).flatMap((text) =>
      [...text.matchAll(/"?[cC]puArchitecture"?: "?(\w+)/g)].map(([, name]) => name),
    );
    const tasks = Object.keys(files).filter((path) => path.startsWith("task-definitions/")).length;
    // Each task as a file and in the template, and the page of the costs.
    expect(named).toEqual(Array(2 * tasks + 1).fill(platform.ecs));
    const costs = files["costs.md"];
    expect(costs).toContain(`for tasks on ${platform.ecs}`);
  });
});

describe("every task definition", () => {
  const system = repoSystem();

  it("is there for each service that we build and each server of NATS", () => {
    const names = ["claude-worker", "mcp-gateway", "nats-1", "nats-2", "nats-3", "supervisor", "tools"];
    expect(Object.keys(tasks).sort()).toEqual(names);
  });

  it.each(Object.keys(tasks))(
    "%s: Fargate, read-only, unprivileged, logged, tagged, image by digest",
    (name) => {
      const task = tasks[name];
      expect(task.runtimePlatform).toEqual({ cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" });
      expect(task.tags.map(({ key }: Json) => key)).toEqual([
        "Environment",
        "Project",
        "Component",
        "ManagedBy",
      ]);
      for (const container of task.containerDefinitions) {
        expect(container.readonlyRootFilesystem).toBe(true);
        expect(container.user).toBe("65532:65532");
        expect(container.linuxParameters.capabilities).toEqual({ drop: ["ALL"] });
        expect(container.ulimits[0].name).toBe("nofile");
        expect(container.logConfiguration.options).toMatchObject({
          mode: "non-blocking",
          "max-buffer-size": "25m",
        });
        if (container.name !== "nats") expect(container.image).toMatch(/@sha256:[0-9a-f]{64}$/);
      }
    },
  );

  it.each(Object.keys(tasks))("%s: no secret in plain, each by the name of the account", (name) => {
    const secretNames = new Set(
      [...system.values()].flatMap(({ env }) => env.filter(({ secret }) => secret).map((one) => one.name)),
    );
    for (const container of tasks[name].containerDefinitions) {
      for (const variable of container.environment ?? []) expect(secretNames).not.toContain(variable.name);
      for (const { valueFrom } of container.secrets ?? [])
        expect(valueFrom).toMatch(
          /^arn:aws:(secretsmanager|ssm):eu-central-1:123456789012:(secret:|parameter\/)mistersmith\//,
        );
    }
  });

  it.each(["supervisor", "claude-worker", "mcp-gateway"])(
    "%s: asks whether the program lives, not its peers",
    (name) => {
      const [container] = tasks[name].containerDefinitions;
      expect(container.healthCheck.command).not.toContain("--ready");
      expect(container.healthCheck.command.at(-1)).toBe("health");
      expect(container.stopTimeout).toBeGreaterThan(25);
    },
  );

  it("NATS starts after its configuration is written, and a container beside it asks for its health", () => {
    const [conf, server, health] = tasks["nats-2"].containerDefinitions;
    expect(server.dependsOn).toEqual([{ containerName: conf.name, condition: "SUCCESS" }]);
    expect(health.healthCheck.command.at(-1)).toBe("http://127.0.0.1:8222/healthz?js-enabled-only=true");
    expect(server.environment).toEqual([{ name: "NATS_SERVER_NAME", value: "nats-2" }]);
    const text: string = conf.environment[0].value;
    expect(text).toContain('routes: ["nats://nats-1.shop.internal:6222"');
    expect(text).not.toMatch(/\bS[UA][A-Z2-7]{20}/);
  });

  it("the supervisor is told what only ECS knows", () => {
    const [container] = tasks.supervisor.containerDefinitions;
    const environment = Object.fromEntries(
      container.environment.map(({ name, value }: Json) => [name, value]),
    );
    expect(environment).toEqual({
      NATS_URL: "nats://nats.shop.internal:4222",
      NATS_STREAM_REPLICAS: "3",
      EMF_INTERVAL_SECONDS: "60",
      EMF_ENVIRONMENT: "test",
    });
  });
});

describe("the template", () => {
  it("allows no resource * but for the registry's token, and gives the programs no right but NATS its storage", () => {
    const roles = resources("AWS::IAM::Role");
    expect(roles).toHaveLength(12);
    const statements = roles.flatMap(([id, role]) =>
      (role.Properties.Policies ?? []).flatMap((policy: Json) =>
        policy.PolicyDocument.Statement.map((statement: Json) => ({ id, ...statement })),
      ),
    );
    for (const { Action, Resource } of statements) {
      if (JSON.stringify(Resource).includes('"*"')) expect(Action).toEqual(["ecr:GetAuthorizationToken"]);
      expect(JSON.stringify(Action)).not.toContain("*");
    }
    const taskRoles = statements.filter(({ id }: Json) => id.endsWith("TaskRole"));
    expect(taskRoles.map(({ id }: Json) => id)).toEqual(["Nats1TaskRole", "Nats2TaskRole", "Nats3TaskRole"]);
    for (const { id, Condition } of taskRoles)
      expect(JSON.stringify(Condition)).toContain(`\${${id.replace("TaskRole", "AccessPoint")}}`);
  });

  it("gives a role no secret but those of its own service", () => {
    const worker = JSON.stringify(template.Resources.ClaudeWorkerExecutionRole);
    expect(worker).toContain("AnthropicApiKeySecret");
    for (const other of ["DatabaseUrlSecret", "McpSigningKeySecret", "NatsOperatorSeedSecret"])
      expect(worker).not.toContain(other);
  });

  it("has a pair of rules for each connection of the network matrix, and no other", () => {
    const flows = networkFlows(repoSystem());
    const inside = flows.filter(({ to }) => to !== "AWS" && to !== "internet");
    expect(resources("AWS::EC2::SecurityGroupIngress")).toHaveLength(inside.length);
    const fromServices = inside.filter(({ from }) => from !== "clients");
    expect(resources("AWS::EC2::SecurityGroupEgress")).toHaveLength(fromServices.length);
    const open = resources("AWS::EC2::SecurityGroup").filter(([, group]) =>
      group.Properties.SecurityGroupEgress.some(({ CidrIp }: Json) => CidrIp === "0.0.0.0/0"),
    );
    expect(open.map(([id]) => id)).toEqual(["ClaudeWorkerSecurityGroup"]);
    const toDatabase = inside.filter(({ to }) => to === "postgres").map(({ from }) => from);
    expect(toDatabase).toEqual(["supervisor"]);
  });

  it("takes a deployment back that does not come up, and never runs two servers on one storage", () => {
    const services = resources("AWS::ECS::Service");
    expect(services).toHaveLength(6);
    for (const [id, { Properties }] of services) {
      const { DeploymentCircuitBreaker, MaximumPercent } = Properties.DeploymentConfiguration;
      expect(DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
      expect(MaximumPercent).toBe(/^(Nats\d|Supervisor)/.test(id) ? 100 : 200);
    }
  });

  it("starts each service after what it depends on", () => {
    const before = (id: string): Json => template.Resources[id].DependsOn;
    expect(before("Nats3Service")).toEqual(["Nats3MountTarget", "Nats2Service"]);
    expect(before("SupervisorService")).toEqual(["Nats3Service"]);
    expect(before("McpGatewayService")).toEqual(["Nats3Service", "SupervisorService"]);
    expect(before("ClaudeWorkerService")).toContain("McpGatewayService");
  });

  it("scales workers by the metric that the contract names, on Spot above the fewest", () => {
    const emf = JSON.parse(repoText("services/contracts/emf.json"));
    const [[, policy]] = resources("AWS::ApplicationAutoScaling::ScalingPolicy") as [[string, Json]];
    const { CustomizedMetricSpecification: metric, TargetValue } =
      policy.Properties.TargetTrackingScalingPolicyConfiguration;
    expect(metric.Namespace).toBe(emf.namespace);
    expect(metric.MetricName).toBe(emf.scaling);
    expect(metric.Dimensions.map(({ Name }: Json) => Name)).toEqual(emf.dimensions);
    expect(TargetValue).toBe(1);
    const strategy = template.Resources.ClaudeWorkerService.Properties.CapacityProviderStrategy;
    expect(strategy).toEqual([
      { CapacityProvider: "FARGATE", Base: 1, Weight: 0 },
      { CapacityProvider: "FARGATE_SPOT", Weight: 1 },
    ]);
    const example = emf.example;
    expect(example._aws.CloudWatchMetrics[0].Metrics).toEqual(
      emf.metrics.map(({ name, unit }: Json) => ({ Name: name, Unit: unit })),
    );
    expect(example._aws.CloudWatchMetrics[0].Dimensions).toEqual([emf.dimensions]);
    expect(example.QueueDepthPerWorker).toBe(example.QueueDepth / example.Workers);
  });

  it("keeps storage and logs when the stack is deleted, and logs as long as the specs say", () => {
    expect(template.Resources.FileSystem.DeletionPolicy).toBe("Retain");
    for (const [, group] of resources("AWS::Logs::LogGroup")) {
      expect(group.DeletionPolicy).toBe("Retain");
      expect(group.Properties.RetentionInDays).toBe(30);
    }
  });

  it("asks for each secret by its ARN, and holds none", () => {
    const secrets = Object.keys(template.Parameters).filter((name) => name.endsWith("Secret"));
    expect(secrets).toHaveLength(7);
    for (const name of secrets) expect(template.Parameters[name].Default).toBeUndefined();
    expect(template.Parameters.RegistryAccount.Default).toBe(OPTIONS.account);
  });
});
