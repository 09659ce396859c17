/** Expressions of CloudFormation, and how resources are named. */

/** Value of a parameter, or the id of a resource. */
export function ref(name: string): object {
  return { Ref: name };
}

/** A text with `${Name}` in it. */
export function sub(text: string): object {
  return { "Fn::Sub": text };
}

/** An attribute of a resource. */
export function attribute(resource: string, name: string): object {
  return { "Fn::GetAtt": [resource, name] };
}

/** A value, or nothing at all. */
export function valueIf(condition: string, value: unknown): object {
  return { "Fn::If": [condition, value, { Ref: "AWS::NoValue" }] };
}

/** Name of a resource from the words of a name: `claude-worker` and `Service` give `ClaudeWorkerService`. */
export function logicalId(...words: readonly string[]): string {
  return words
    .flatMap((word) => word.split(/[^A-Za-z0-9]+/))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** One entry of a template. */
export interface Resource {
  Type: string;
  Properties?: object;
  DependsOn?: readonly string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** Resources by their logical ids. */
export type Resources = Record<string, Resource>;

/** Parameters of a template. */
export type Parameters = Record<string, object>;
