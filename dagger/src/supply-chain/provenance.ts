/** Where an image comes from, as an in-toto statement with SLSA provenance v1: emitted, and checked again. */

/** Types of the statement and its predicate. */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
/** Predicate type; cosign knows it as slsaprovenance1. */
export const PROVENANCE_TYPE = "https://slsa.dev/provenance/v1";
/** What `externalParameters` mean here; described in docs/supply-chain.md. */
export const BUILD_TYPE = "urn:mistersmith:pipeline:v1";

/** Something that a build used. */
export interface Material {
  uri: string;
  /** Algorithm and hex value; absent where a host without a registry gives no digest. */
  digest?: Record<string, string>;
  name?: string;
  annotations?: Record<string, string>;
}

/** What is known of one build. */
export interface BuildOrigin {
  /** Address of the repository without credentials, for example https://github.com/OWNER/REPO. */
  source: string;
  /** Commit, 40 hex digits. */
  revision: string;
  /** Who built: a URI that names the workflow, or this machine. */
  builder: string;
  release: string;
  /** Version of the engine. */
  engine: string;
}

/** The predicate. */
export interface ProvenancePredicate {
  buildDefinition: {
    buildType: string;
    externalParameters: { source: string; revision: string; image: string };
    internalParameters: { release: string };
    resolvedDependencies: Material[];
  };
  runDetails: { builder: { id: string; version: Record<string, string> } };
}

/** The statement. */
export interface ProvenanceStatement {
  _type: string;
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: string;
  predicate: ProvenancePredicate;
}

/** Image that a statement is about. */
export interface ProvenanceSubject {
  repository: string;
  digest: string;
}

/**
 * Makes the statement. It holds no time and no run id, so that the same image from the same commit by the same builder
 * has one statement.
 */
export function provenanceStatement(
  { repository, digest }: ProvenanceSubject,
  origin: BuildOrigin,
  materials: readonly Material[],
): ProvenanceStatement {
  const { source, revision, builder, release, engine } = origin;
  const checkout: Material = {
    uri: `git+${source}@${revision}`,
    digest: { gitCommit: revision },
    name: "source",
  };
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: repository, digest: { sha256: digest.replace(/^sha256:/, "") } }],
    predicateType: PROVENANCE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { source, revision, image: repository },
        internalParameters: { release },
        resolvedDependencies: [checkout, ...materials],
      },
      runDetails: { builder: { id: builder, version: { dagger: engine } } },
    },
  };
}

/**
 * A base image as material.
 *
 * @param reference what the pipeline asked for, for example debian:bookworm-slim
 * @param resolved the same with its digest, as the engine pulled it
 * @param standIn the image stands in for the public one of that name
 */
export function baseMaterial(reference: string, resolved: string, standIn: boolean): Material {
  const [image = "", tag = "latest"] = (reference.split("@")[0] ?? "").split(":");
  const hex = /@sha256:([0-9a-f]{64})$/.exec(resolved)?.[1];
  return {
    uri: `pkg:docker/${image}@${tag}`,
    ...(hex !== undefined && { digest: { sha256: hex } }),
    name: "base",
    ...(standIn && { annotations: { "stand-in": "made from package registries, not the public image" } }),
  };
}

/** What a reader of a statement asks for; whatever is left out may be anything. */
export interface ExpectedOrigin {
  source?: string;
  revision?: string;
  builder?: string;
}

/** Compares a statement with an image and with what is expected; empty when all agree. */
export function provenanceProblems(
  statement: unknown,
  subject: ProvenanceSubject,
  expected: ExpectedOrigin,
): string[] {
  const {
    _type,
    predicateType,
    subject: subjects,
    predicate,
  } = (statement ?? {}) as Partial<ProvenanceStatement>;
  const definition = predicate?.buildDefinition;
  const digests = (subjects ?? []).map(({ digest }) => `sha256:${digest?.sha256}`);
  const bases = (definition?.resolvedDependencies ?? []).filter(({ name }) => name === "base");
  return [
    ...differs("statement type", STATEMENT_TYPE, _type?.replace(/\/v0\.1$/, "/v1")),
    ...differs("predicate type", PROVENANCE_TYPE, predicateType),
    ...differs("build type", BUILD_TYPE, definition?.buildType),
    ...(digests.includes(subject.digest)
      ? []
      : [`subject is ${digests.join(", ") || "absent"}, not ${subject.digest}`]),
    ...differs("source", expected.source, definition?.externalParameters?.source),
    ...differs("revision", expected.revision, definition?.externalParameters?.revision),
    ...differs("builder", expected.builder, predicate?.runDetails?.builder?.id),
    ...(bases.length === 0 ? ["no base image is named"] : []),
    ...bases.filter(({ digest }) => !digest?.sha256).map(({ uri }) => `the base ${uri} has no digest`),
  ];
}

function differs(what: string, wanted: string | undefined, found: string | undefined): string[] {
  return wanted === undefined || wanted === found ? [] : [`${what} is ${found ?? "absent"}, not ${wanted}`];
}
