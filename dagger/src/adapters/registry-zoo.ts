/** Publishes a small image to every kind of registry, each started inside the graph and used by nothing else. */
import { type Container, dag, type File, type Secret } from "@dagger.io/dagger";
import { explained, PipelineError } from "../errors.ts";
import type { PublicationPlan } from "../publication/plan.ts";
import { MOVING_TAG } from "../publication/repository.ts";
import { judgeVisit, type Visit, visitsTable } from "../text/visits.ts";
import { newNonce } from "./nonce.ts";
import { type BuiltImage, normaliseImage } from "./normalise-image.ts";
import { type RegistryAccess, registryCredentials } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { planAt } from "./publish.ts";
import { openPlace, type Place } from "./publish-place.ts";
import { stepScripts } from "./step-script.ts";
import { withDebianPackages } from "./toolchains.ts";

const PORT = 5000;
const RELEASE = "1.0.0";
const USER = "zoo";

/** One registry and what has to happen there. */
interface Animal {
  name: string;
  place: () => Promise<Place>;
  /** Whether the registry must refuse us. */
  refuses?: boolean;
}

/**
 * Visits all.
 *
 * @throws PipelineError MS-ECR-013 when one of them behaves otherwise
 */
export async function visitZoo(project: Project): Promise<string> {
  const nonce = newNonce();
  const image = await zooImage(project);
  const visits: Visit[] = [];
  for (const animal of await animals(project, nonce)) visits.push(await visit(project, animal, image, nonce));
  const table = visitsTable(visits);
  const wrong = visits.filter(({ fault }) => fault !== undefined).map(({ name }) => name);
  if (wrong.length > 0) throw new PipelineError("MS-ECR-013", `wrong: ${wrong.join(", ")}`, table);
  return table;
}

async function animals(project: Project, nonce: string): Promise<Animal[]> {
  const password = newNonce();
  const protectedBy = await withPassword(project, nonce, password);
  const { server, ca } = withOwnAuthority(project, nonce, "registry-tls");
  const plain = registryBase(project, nonce);
  const place = (access: RegistryAccess) => async () => ({ access, shown: access.address, recorded: false });
  const login = (word: string) => ({ current: async () => credentials("registry-password", word, nonce) });
  const http = (host: string, registry: Container) => ({ ...inGraph(host, registry), insecure: true });
  const locked = http("registry-password", protectedBy);
  return [
    { name: "ECR's API", place: () => openPlace(project, { kind: "local" }, nonce) },
    { name: "plain", place: place(http("registry-plain", plain)) },
    { name: "password", place: place({ ...locked, credentials: login(password) }) },
    {
      name: "password, a wrong one",
      place: place({ ...locked, credentials: login("wrong") }),
      refuses: true,
    },
    { name: "password, none given", place: place(locked), refuses: true },
    { name: "own authority", place: place({ ...inGraph("registry-tls", server), ca }) },
    { name: "own authority, unknown", place: place(inGraph("registry-tls", server)), refuses: true },
  ];
}

/** Publishes twice: the second time there must be nothing to do. */
async function visit(project: Project, animal: Animal, image: BuiltImage, nonce: string): Promise<Visit> {
  const plans: PublicationPlan[] = [];
  // The registry inside the graph outlives a run, and what it holds under a tag stays there.
  const tag = `${RELEASE}-${nonce}`;
  let refusal: string | undefined;
  try {
    const place = await animal.place();
    for (let round = 1; round <= 2; round++) {
      // A word of its own for each round: what the first one asked is not asked again.
      const { plan, run } = await planAt(
        project,
        place,
        [image],
        () => [tag, MOVING_TAG],
        `${nonce}-${round}`,
      );
      plans.push(plan);
      await run();
    }
  } catch (error) {
    refusal = error instanceof Error ? error.message : String(error);
  }
  return judgeVisit(animal.name, animal.refuses ?? false, plans, refusal);
}

async function zooImage(project: Project): Promise<BuiltImage> {
  const spec = { ...project.spec("supervisor"), name: "zoo", repository: "mistersmith/zoo" };
  const container = project.scratch().withNewFile("/animal", "a small one\n").withEntrypoint(["/animal"]);
  return normaliseImage(project, spec, container);
}

function inGraph(host: string, registry: Container): RegistryAccess {
  const service = registry.asService({ useEntrypoint: true });
  return { address: `${host}:${PORT}`, service: { host, service } };
}

function credentials(host: string, password: string, nonce: string): Secret {
  const name = `${host}-${nonce}-${password === "wrong" ? "wrong" : "right"}`;
  return registryCredentials(name, `${host}:${PORT}`, USER, password);
}

// Each run has registries of its own, which hold nothing.
function registryBase(project: Project, nonce: string): Container {
  return project.base("registry").withEnvVariable("RUN", nonce).withExposedPort(PORT);
}

async function withPassword(project: Project, nonce: string, password: string): Promise<Container> {
  const made = withDebianPackages(project.base("debian"), ["apache2-utils"])
    .withMountedSecret("/run/password", dag.setSecret(`zoo-password-${nonce}`, password))
    .withEnvVariable("RUN", nonce)
    .withExec(["sh", "-c", `htpasswd -Bic /htpasswd ${USER} </run/password`]);
  await explained("MS-PIPE-007", "making the password file of a registry", () => made.sync());
  return registryBase(project, nonce)
    .withFile("/auth/htpasswd", made.file("/htpasswd"))
    .withEnvVariable("REGISTRY_AUTH", "htpasswd")
    .withEnvVariable("REGISTRY_AUTH_HTPASSWD_REALM", "registry zoo")
    .withEnvVariable("REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd");
}

function withOwnAuthority(project: Project, nonce: string, host: string): { server: Container; ca: File } {
  const made = withDebianPackages(project.base("debian"), ["openssl"])
    .withDirectory("/steps", stepScripts("make-authority.sh"))
    .withEnvVariable("RUN", nonce)
    .withExec(["/steps/make-authority.sh", host, "/tls"]);
  const server = registryBase(project, nonce)
    .withFile("/tls/cert.pem", made.file("/tls/cert.pem"))
    .withFile("/tls/key.pem", made.file("/tls/key.pem"))
    .withEnvVariable("REGISTRY_HTTP_TLS_CERTIFICATE", "/tls/cert.pem")
    .withEnvVariable("REGISTRY_HTTP_TLS_KEY", "/tls/key.pem");
  return { server, ca: made.file("/tls/ca.pem") };
}
