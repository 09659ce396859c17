/** One environment variable as service.yaml describes it. */
export interface Variable {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "port" | "url" | "enum";
  readonly default?: string | number;
  readonly required?: boolean;
  /** Name of the secret; such a variable may also come as NAME_FILE. */
  readonly secret?: string;
  /** True when it may also come as NAME_FILE. */
  readonly file?: boolean;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly meaning: string;
}

/** The part of service.yaml that the program itself needs. */
export interface ServiceSpec {
  readonly name: string;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
  readonly env: readonly Variable[];
}

/** One entry of errors.yaml. */
export interface ErrorText {
  readonly code: string;
  readonly text: string;
  readonly next: string;
}
