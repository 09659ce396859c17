/** Do the server bases serve and end? `npx tsx --test ci/bases/smoke/*.smoke.ts`, once they are built. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { Container, docker, load, unload } from "./container.ts";

const LOOPBACK = "--publish=127.0.0.1::";

after(unload);

function firstLine(address: string): Promise<string> {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    socket.on("error", reject).on("close", () => reject(new Error(`${address} closed without a word`)));
    socket.on("data", (data) => {
      resolve(data.toString());
      socket.destroy();
    });
  });
}

test("nats greets its clients, tells its health, and ends at SIGTERM", async () => {
  await using nats = await Container.start(`${LOOPBACK}4222`, `${LOOPBACK}8222`, await load("nats"));
  assert.match(
    await nats.until(async () => firstLine(await nats.address(4222))),
    /^INFO \{.*"version":"2\.15\./,
  );
  const health = await fetch(`http://${await nats.address(8222)}/healthz`);
  assert.deepEqual(await health.json(), { status: "ok" });
  assert.equal(await nats.end("SIGTERM"), 0);
});

test("nats takes flags in place of its configuration, as any user on a read-only root", async () => {
  const options = ["--user=65532", "--read-only", "--tmpfs=/data:mode=1777", `${LOOPBACK}4222`];
  await using nats = await Container.start(...options, await load("nats"), "-js", "-sd", "/data");
  assert.match(await nats.until(async () => firstLine(await nats.address(4222))), /"jetstream":true/);
});

test("the registry answers, and gives back what was pushed", async () => {
  await using registry = await Container.start(`${LOOPBACK}5000`, await load("registry"));
  const url = `http://${await registry.until(() => registry.address(5000))}/v2/`;
  const answer = await registry.until(() => fetch(url));
  assert.equal(answer.headers.get("docker-distribution-api-version"), "registry/2.0");
  const { location } = Object.fromEntries(
    (await fetch(`${url}a/blobs/uploads/`, { method: "POST" })).headers,
  );
  assert.ok(location?.includes("/v2/a/blobs/uploads/"));
});

async function ready(postgres: Container, ...user: string[]): Promise<void> {
  // Over TCP: the server of the first moments, which only has a socket, must not count.
  await postgres.until(() => postgres.exec("pg_isready", "--host=127.0.0.1", ...user));
}

const ask = (postgres: Container, database: string, query: string) =>
  postgres.exec("psql", "--host=127.0.0.1", "--username=owner", `--dbname=${database}`, "-Atc", query);

test("postgres makes user, database and scripts' tables; PID 1 is the server; SIGINT ends it", async () => {
  const scripts = mkdtempSync(join(tmpdir(), "initdb-"));
  chmodSync(scripts, 0o755);
  writeFileSync(join(scripts, "1.sql"), "CREATE TABLE made (n int); INSERT INTO made VALUES (42);\n");
  writeFileSync(
    join(scripts, "2.sh"),
    'query --dbname "$POSTGRES_DB" --command "INSERT INTO made VALUES (43)"\n',
  );
  const env = ["--env=POSTGRES_USER=owner", "--env=POSTGRES_PASSWORD=s3cret", "--env=POSTGRES_DB=things"];
  await using postgres = await Container.start(
    ...env,
    `--volume=${scripts}:/docker-entrypoint-initdb.d:ro`,
    await load("postgres"),
  );
  await ready(postgres);
  assert.equal(await ask(postgres, "things", "SELECT sum(n) FROM made"), "85");
  assert.equal(await ask(postgres, "things", "SHOW lc_collate"), "en_US.utf8");
  assert.equal(await postgres.exec("cat", "/proc/1/comm"), "postgres");
  assert.equal(await postgres.exec("stat", "--format=%u", "/proc/1"), "999");
  // Not by 127.0.0.1, which initdb trusts, as in the public image.
  const login = (password: string) =>
    postgres.exec("sh", "-c", `PGPASSWORD=${password} psql -h $(hostname -i) -U owner -d things -c ''`);
  await login("s3cret");
  await assert.rejects(login("wrong"), /password authentication failed/);
  assert.equal(await postgres.end("SIGINT"), 0);
  rmSync(scripts, { recursive: true });
});

test("postgres runs as uid 999 on a read-only root, keeps its data, and ends at SIGTERM", async () => {
  const volume = await docker("volume", "create");
  const secret = join(mkdtempSync(join(tmpdir(), "secret-")), "password");
  writeFileSync(secret, "s3cret\n", { mode: 0o644 });
  const options = [
    "--user=999",
    "--read-only",
    "--cap-drop=ALL",
    "--tmpfs=/tmp",
    "--tmpfs=/var/run/postgresql:mode=1777",
    `--volume=${volume}:/var/lib/postgresql/data`,
    `--volume=${secret}:/run/secrets/password:ro`,
    "--env=POSTGRES_USER=owner",
    "--env=POSTGRES_PASSWORD_FILE=/run/secrets/password",
  ];
  const image = await load("postgres");
  {
    await using first = await Container.start(...options, image);
    await ready(first);
    await ask(first, "owner", "CREATE TABLE kept AS SELECT 42 AS n");
    assert.equal(await first.end("SIGTERM"), 0);
    assert.doesNotMatch(await first.logs(), /s3cret/);
  }
  {
    await using second = await Container.start(...options, image, "-c", "max_connections=11");
    await ready(second);
    assert.equal(await ask(second, "owner", "SELECT n FROM kept"), "42");
    assert.equal(await ask(second, "owner", "SHOW max_connections"), "11");
  }
  await docker("volume", "rm", "--force", volume);
});

test("postgres says that it cannot read its scripts, instead of passing over them", async () => {
  const scripts = mkdtempSync(join(tmpdir(), "initdb-"));
  const args = ["--env=POSTGRES_PASSWORD=a", `--volume=${scripts}:/docker-entrypoint-initdb.d:ro`];
  await assert.rejects(docker("run", "--rm", ...args, await load("postgres")), /999 cannot read/);
  rmSync(scripts, { recursive: true });
});

test("postgres without a password, or with two, says what to set and ends", async () => {
  const image = await load("postgres");
  await assert.rejects(docker("run", "--rm", image), /no password: set POSTGRES_PASSWORD/);
  const both = ["--env=POSTGRES_PASSWORD=a", "--env=POSTGRES_PASSWORD_FILE=/b"];
  await assert.rejects(docker("run", "--rm", ...both, image), /both set; set one of them/);
});
