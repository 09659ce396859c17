/** Who opens connections to whom inside of the system, from what the specs wire: everything else can be forbidden. */
import { referencesIn } from "./references.ts";
import { type PortSpec, portOf, type ServiceSpec, type SystemSpec, serviceOf } from "./service-spec.ts";

/** One service opens connections to a port of another. */
export interface Connection {
  from: string;
  to: string;
  port: PortSpec;
  why: string;
}

/** Every connection, in the order of the services; a port that several variables lead to is there for each of them. */
export function connectionsOf(system: SystemSpec): Connection[] {
  return [...system.values()].flatMap((spec) =>
    waysOf(spec).map(({ to, port, why }) => ({
      from: spec.name,
      to,
      port: portOf(serviceOf(system, to), port),
      why,
    })),
  );
}

/** Services of which a spec names a port. */
export function reachedBy(spec: ServiceSpec): string[] {
  return waysOf(spec).map(({ to }) => to);
}

/** Service and port of a reference, or undefined when it names neither a port nor another service. */
export function portReference(reference: string): { to: string; port: string } | undefined {
  const [to = "", kind, port] = reference.split(".");
  return kind === "port" && port !== undefined ? { to, port } : undefined;
}

function waysOf(spec: ServiceSpec): { to: string; port: string; why: string }[] {
  const texts = [
    ...spec.env.flatMap(({ name, wiring, reaches, meaning }) =>
      [wiring, reaches].map((text) => ({ text: text ?? "", why: `${name}: ${meaning}` })),
    ),
    ...spec.reaches.map((text) => ({ text, why: spec.description })),
  ];
  return texts.flatMap(({ text, why }) =>
    referencesIn(text).flatMap((reference) => {
      const way = portReference(reference);
      return way && way.to !== spec.name ? [{ ...way, why }] : [];
    }),
  );
}
