//! The connection to Postgres is encrypted as `sslmode` says, and a certificate that is not trusted is told with its code.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use mistersmith_common::config::Secret;
use mistersmith_test_support::{Authority, Database, NatsServer};
use supervisor::recorder::{Target, connect};
use tokio::sync::Mutex;

use support::{SOON, System};

/// Tests may share a server, and whether it speaks TLS is a setting of the whole server.
static SERVER: Mutex<()> = Mutex::const_new(());

/// The certificate is for `localhost`; the database is reached by that name or by its address.
fn url(database: &Database, host: &str, query: &str) -> String {
    let url = database.url().replace("127.0.0.1", host);
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{query}")
}

/// `tls` or `plain`, or the code and the reason.
async fn reach(database: &Database, host: &str, query: &str, ca: Option<&str>) -> String {
    let url = Secret::new(url(database, host, query));
    let target = Target::new(&url, ca).unwrap();
    match connect(&target).await {
        Ok(client) => {
            let query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let encrypted: bool = client.query_one(query, &[]).await.unwrap().get(0);
            if encrypted { "tls" } else { "plain" }.to_owned()
        }
        Err(error) => format!("{} {error}", error.code()),
    }
}

#[tokio::test]
async fn a_certificate_is_looked_at_as_far_as_the_mode_says() {
    let _alone = SERVER.lock().await;
    let database = Database::create().await;
    let (ours, other) = (Authority::new(), Authority::new());
    database.serve_tls(Some(&ours.issue("localhost"))).await;
    let (ours, other) = (ours.pem(), other.pem());
    let (ours, other) = (Some(ours.as_str()), Some(other.as_str()));
    let both = format!("{}{}", other.unwrap(), ours.unwrap());

    for (host, query, ca, wanted) in [
        ("localhost", "sslmode=verify-full", ours, "tls"),
        ("localhost", "application_name=x", ours, "tls"),
        ("localhost", "sslmode=verify-full", Some(both.as_str()), "tls"),
        ("127.0.0.1", "sslmode=verify-ca", ours, "tls"),
        ("127.0.0.1", "sslmode=require", ours, "tls"),
        ("127.0.0.1", "sslmode=require", None, "tls"),
        ("127.0.0.1", "sslmode=prefer", None, "tls"),
        ("127.0.0.1", "sslmode=disable", None, "plain"),
        ("127.0.0.1", "sslmode=verify-full", ours, "MS-SUP-011"),
        ("localhost", "sslmode=verify-full", other, "MS-SUP-011"),
        ("localhost", "sslmode=verify-ca", other, "MS-SUP-011"),
        ("localhost", "sslmode=require", other, "MS-SUP-011"),
    ] {
        let found = reach(&database, host, query, ca).await;
        assert!(found.starts_with(wanted), "{host} {query}: {found}");
    }
    let told = reach(&database, "localhost", "sslmode=verify-full", other).await;
    assert!(
        told.contains("the server's certificate is not trusted: "),
        "{told}"
    );
    database.serve_tls(None).await;
}

#[tokio::test]
async fn a_server_without_tls_is_told_unless_plain_is_good_enough() {
    let _alone = SERVER.lock().await;
    let database = Database::create().await;
    database.serve_tls(None).await;
    let ours = Authority::new().pem();
    for (query, ca, wanted) in [
        (
            "sslmode=require",
            None,
            "MS-SUP-010 the server does not speak TLS",
        ),
        (
            "sslmode=verify-full",
            Some(ours.as_str()),
            "MS-SUP-010 the server does not speak TLS",
        ),
        ("sslmode=prefer", None, "plain"),
        ("application_name=x", None, "plain"),
    ] {
        assert_eq!(reach(&database, "127.0.0.1", query, ca).await, wanted, "{query}");
    }
}

#[tokio::test]
async fn the_supervisor_records_over_tls_and_says_why_when_it_cannot() {
    let _alone = SERVER.lock().await;
    let database = Database::create().await;
    let (ours, other) = (Authority::new(), Authority::new());
    database.serve_tls(Some(&ours.issue("localhost"))).await;
    let url = url(&database, "localhost", "sslmode=verify-full");
    let environment = |ca: &Authority| {
        [
            ("DATABASE_URL", url.clone()),
            ("DATABASE_CA", ca.pem()),
            ("WORKER_POOL_SIZE", "1".to_owned()),
        ]
    };
    let pairs = environment(&other);
    let extra: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut system = System::start_with(NatsServer::start_with_roles(), database, &extra).await;
    let line = system
        .supervisor
        .wait_for("the mistrust is told", SOON, |line| line["code"] == "MS-SUP-011");
    assert!(line["msg"].as_str().unwrap().contains("DATABASE_CA"), "{line}");
    let (status, body) = system.supervisor.get("/health/ready").unwrap();
    assert_eq!(status, 503);
    assert!(body.contains("not trusted"), "{body}");

    let System {
        supervisor,
        server,
        database,
        ..
    } = system;
    drop(supervisor);
    let pairs = environment(&ours);
    let extra: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut system = System::start_with(server, database, &extra).await;
    system.until_ready();
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE ssl AND application_name = 'mistersmith-supervisor' AND datname = current_database()";
    system.until_count(encrypted, 1).await;
    system.database.serve_tls(None).await;
}
