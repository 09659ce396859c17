/** Replicas that follow the work: the jobs per replica are kept near what the spec aims for. */
import type { ServiceSpec } from "../../spec/service-spec.ts";
import { logicalId, type Resources, ref, sub } from "./intrinsics.ts";
import { countParameter } from "./parameters.ts";
import { CLUSTER_NAME } from "./template-place.ts";

// Out at once, in slowly: a task that is stopped hands its job back, and the job starts again elsewhere.
const OUT_COOLDOWN_SECONDS = 60;
const IN_COOLDOWN_SECONDS = 300;

/** The metric that is followed, and what it is told apart by. */
export interface ScalingMetric {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

/** Target and policy of one service; nothing for a service that does not scale. */
export function scalingResources(spec: ServiceSpec, metric: ScalingMetric): Resources {
  const { name, scaling } = spec;
  if (!scaling) return {};
  const target = logicalId(name, "ScalingTarget");
  return {
    [target]: {
      Type: "AWS::ApplicationAutoScaling::ScalableTarget",
      Properties: {
        ServiceNamespace: "ecs",
        ScalableDimension: "ecs:service:DesiredCount",
        ResourceId: sub(`service/${CLUSTER_NAME}/\${${logicalId(name, "Service")}.Name}`),
        MinCapacity: ref(countParameter(name, "Min")),
        MaxCapacity: ref(countParameter(name, "Max")),
      },
    },
    [logicalId(name, "ScalingPolicy")]: {
      Type: "AWS::ApplicationAutoScaling::ScalingPolicy",
      Properties: {
        PolicyName: `${name}-queue-depth`,
        PolicyType: "TargetTrackingScaling",
        ScalingTargetId: ref(target),
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: scaling.jobsPerReplica,
          ScaleOutCooldown: OUT_COOLDOWN_SECONDS,
          ScaleInCooldown: IN_COOLDOWN_SECONDS,
          CustomizedMetricSpecification: {
            Namespace: metric.namespace,
            MetricName: metric.name,
            Statistic: "Average",
            Dimensions: Object.entries(metric.dimensions).map(([Name, value]) => ({
              Name,
              Value: sub(value),
            })),
          },
        },
      },
    },
  };
}
