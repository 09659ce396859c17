//! A real Postgres with a fresh database.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use crate::{Child, Identity, Proxy, free_port};

const ADVICE: &str = "Set TEST_DATABASE_URL to a Postgres whose user may create databases, \
                      or install postgresql-15 (POSTGRES_BIN_DIR says where)";

/// Longest wait for new settings of the server.
const RELOADED: Duration = Duration::from_secs(10);

/// A database of its own for one test, reached through a proxy that can be cut.
pub struct Database {
    name: String,
    server: String,
    proxy: Proxy,
    _cluster: Option<Cluster>,
}

impl Database {
    /// A fresh database: on the server of `TEST_DATABASE_URL`, else on a server started for it.
    ///
    /// # Panics
    /// There is no Postgres.
    pub async fn create() -> Self {
        let given = std::env::var("TEST_DATABASE_URL")
            .ok()
            .filter(|url| !url.is_empty());
        let cluster = if given.is_some() {
            None
        } else {
            Some(Cluster::start())
        };
        let server = given.unwrap_or_else(|| cluster.as_ref().expect("a cluster").url());
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let admin = connect(&server)
            .await
            .unwrap_or_else(|error| panic!("Postgres: {error}. {ADVICE}"));
        // Names of databases cannot be parameters; this one is made of hexadecimal digits.
        admin
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a database");
        let (authority, _) = split(&server);
        let host = authority.rsplit('@').next().unwrap_or_default();
        let target = if host.contains(':') {
            host.to_owned()
        } else {
            format!("{host}:5432")
        };
        let proxy = Proxy::to(target);
        Self {
            name,
            server,
            proxy,
            _cluster: cluster,
        }
    }

    /// Address of the database through the proxy.
    #[must_use]
    pub fn url(&self) -> String {
        let (authority, query) = split(&self.server);
        let user = authority
            .rsplit_once('@')
            .map_or(String::new(), |(user, _)| format!("{user}@"));
        format!(
            "postgres://{user}127.0.0.1:{}/{}{query}",
            self.proxy.port(),
            self.name
        )
    }

    /// A connection that does not go through the proxy.
    ///
    /// # Panics
    /// The server is gone.
    pub async fn client(&self) -> Client {
        let (authority, query) = split(&self.server);
        let url = format!("postgres://{authority}/{}{query}", self.name);
        connect(&url).await.expect("a connection")
    }

    /// Lets the whole server speak TLS with a certificate, or not at all, from the next connection on. The files are
    /// written by the server itself, which may be another machine's.
    ///
    /// # Panics
    /// The user of the server may not do so.
    pub async fn serve_tls(&self, identity: Option<&Identity>) {
        let admin = self.client().await;
        let run = async |statement: String| admin.batch_execute(&statement).await.expect("a superuser");
        let state = if let Some(identity) = identity {
            let name = uuid::Uuid::now_v7().simple().to_string();
            for (kind, text) in [("crt", &identity.certificate), ("key", &identity.key)] {
                let program = format!("umask 077 && cat > {name}.{kind}");
                let lines = format!("unnest(string_to_array('{}', E'\\n'))", text.trim_end());
                run(format!("COPY (SELECT {lines}) TO PROGRAM '{program}'")).await;
            }
            run(format!("ALTER SYSTEM SET ssl_cert_file = '{name}.crt'")).await;
            run(format!("ALTER SYSTEM SET ssl_key_file = '{name}.key'")).await;
            run("ALTER SYSTEM SET ssl = on".to_owned()).await;
            format!("on {name}.crt")
        } else {
            run("ALTER SYSTEM SET ssl = off".to_owned()).await;
            "off".to_owned()
        };
        run("SELECT pg_reload_conf()".to_owned()).await;
        let query = "SELECT current_setting('ssl') || ' ' || current_setting('ssl_cert_file')";
        let deadline = Instant::now() + RELOADED;
        loop {
            let row = self.client().await.query_one(query, &[]).await.expect("a row");
            if row.get::<_, String>(0).starts_with(&state) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "the server did not read its settings again"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Takes the server away.
    pub fn cut(&self) {
        self.proxy.cut();
    }

    /// Brings the server back.
    pub fn restore(&self) {
        self.proxy.restore();
    }
}

/// User, host and port of a URL, and its query with the question mark.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let query = rest.find('?').map_or("", |at| &rest[at..]);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    (authority, query)
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// A server with its data in a temporary directory.
struct Cluster {
    port: u16,
    _server: Child,
    _data: TempDir,
}

/// Starting several at once takes longer than one after the other.
static STARTING: Mutex<()> = Mutex::new(());

impl Cluster {
    fn start() -> Self {
        let _one = STARTING.lock();
        let binaries = PathBuf::from(
            std::env::var("POSTGRES_BIN_DIR").unwrap_or_else(|_| "/usr/lib/postgresql/15/bin".to_owned()),
        );
        let data = TempDir::with_prefix("mistersmith-postgres-").expect("a directory");
        let owner = owner();
        if let Some((user, group)) = owner {
            std::os::unix::fs::chown(data.path(), Some(user), Some(group))
                .expect("the right to change owners");
        }
        initialise(&binaries, data.path(), owner);
        let port = free_port();
        let server = run(&binaries, data.path(), port, owner);
        Self {
            port,
            _server: server,
            _data: data,
        }
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

/// Postgres refuses to run as root; its files then belong to `nobody`.
fn owner() -> Option<(u32, u32)> {
    const NOBODY: u32 = 65534;
    rustix::process::geteuid().is_root().then_some((NOBODY, NOBODY))
}

fn program(binaries: &Path, name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(binaries.join(name));
    command
        .current_dir("/")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

fn initialise(binaries: &Path, data: &Path, owner: Option<(u32, u32)>) {
    let output = program(binaries, "initdb", owner)
        .args([
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "-D",
        ])
        .arg(data)
        .output()
        .unwrap_or_else(|error| panic!("initdb: {error}. {ADVICE}"));
    assert!(
        output.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn run(binaries: &Path, data: &Path, port: u16, owner: Option<(u32, u32)>) -> Child {
    use std::io::{BufRead, BufReader, Read};
    let mut command = program(binaries, "postgres", owner);
    command
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    command.args(["-c", "unix_socket_directories=", "-c", "fsync=off"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut server = Child::start(&mut command, ADVICE);
    let mut lines = BufReader::new(server.inner().stderr.take().expect("stderr"));
    let mut seen = String::new();
    while !seen.contains("database system is ready") {
        let read = lines.read_line(&mut seen).expect("a line");
        assert!(read > 0, "postgres ended before it was ready:\n{seen}");
    }
    std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
    server
}
