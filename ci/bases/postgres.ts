import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, setOf, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { referenceOf } from "./versions.ts";

const ENTRYPOINT = readFileSync(new URL("postgres/docker-entrypoint.sh", import.meta.url), "utf8");
const UID = 999;
const HOME = "/var/lib/postgresql";
const DATA = `${HOME}/data`;
const SOCKETS = "/var/run/postgresql";

/** Debian's PostgreSQL with an entrypoint that takes what the public image takes. */
export async function postgres(): Promise<Recipe> {
  const reference = referenceOf("postgres");
  const major = reference.version;
  return {
    name: "postgres",
    references: [reference],
    version: major,
    onDebian: true,
    inputs: {},
    config: {
      Env: [
        `PATH=${DEFAULT_PATH}:/usr/lib/postgresql/${major}/bin`,
        "LANG=en_US.utf8",
        `PG_MAJOR=${major}`,
        `PGDATA=${DATA}`,
      ],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["postgres"],
      ExposedPorts: setOf("5432/tcp"),
      Volumes: setOf(DATA),
      // Postgres closes open sessions and ends at SIGINT; at SIGTERM it would wait for them.
      StopSignal: "SIGINT",
    },
    build: (work) => build(work, major),
  };
}

async function build({ ctx, debian, scratch, layer }: Workplace, major: string): Promise<void> {
  const root = await Root.copy(ctx, debian, join(scratch, "root"));
  // Before the package, which would choose another number and make a cluster at once.
  await root.run(`groupadd --system --gid ${UID} postgres
    useradd --system --uid ${UID} --gid postgres --home-dir ${HOME} --shell /bin/bash postgres`);
  root.write("etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n");
  await root.install([`postgresql-${major}`, "locales"]);
  root.write("usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755);
  await root.run(`localedef --inputfile=en_US --charmap=UTF-8 en_US.UTF-8
    sed --in-place "s/^#listen_addresses = .*/listen_addresses = '*'/" /usr/share/postgresql/${major}/postgresql.conf.sample
    grep --quiet "^listen_addresses = '\\*'" /usr/share/postgresql/${major}/postgresql.conf.sample
    mkdir --parents /docker-entrypoint-initdb.d ${SOCKETS}
    install --directory --owner=postgres --group=postgres --mode=700 ${DATA}
    chown postgres:postgres ${HOME} ${SOCKETS}
    chmod 3777 ${SOCKETS}`);
  // A key pair that every container would share, and different in every build.
  for (const file of ["certs/ssl-cert-snakeoil.pem", "private/ssl-cert-snakeoil.key"]) {
    rmSync(join(root.dir, "etc/ssl", file), { force: true });
  }
  await writeLayer(ctx, root.dir, layer, debian);
}
