/** Tags of everything that the system owns in an account. */

/** Prefix of names in an account. */
export const AWS_PREFIX = "mistersmith";

/** One tag as ECS writes it. */
export interface ResourceTag {
  key: string;
  value: unknown;
}

/** Tags of a part of the system; `environment` may be a name of a template. */
export function resourceTags(component: string, environment: unknown): ResourceTag[] {
  return [
    { key: "Environment", value: environment },
    { key: "Project", value: AWS_PREFIX },
    { key: "Component", value: component },
    { key: "ManagedBy", value: "dagger" },
  ];
}
