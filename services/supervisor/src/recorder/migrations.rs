//! The schema, brought up to date by whichever supervisor comes first.

use tokio_postgres::{Client, Error};

/// Migrations in order; one that was released is never changed.
const MIGRATIONS: [(i32, &str, &str); 2] = [
    (1, "tables", include_str!("../../migrations/0001-tables.sql")),
    (
        2,
        "cost-attempt",
        include_str!("../../migrations/0002-cost-attempt.sql"),
    ),
];

/// Key of the advisory lock: "msmith" as a number.
const LOCK: i64 = 0x6d73_6d69_7468;

/// Applies what is missing. The lock is held by the connection and so never left behind.
pub async fn apply(client: &mut Client) -> Result<(), Error> {
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    let result = apply_locked(client).await;
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    result
}

async fn apply_locked(client: &mut Client) -> Result<(), Error> {
    client
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (
                 version integer PRIMARY KEY,
                 name text NOT NULL,
                 applied_at timestamptz NOT NULL DEFAULT now()
             )",
        )
        .await?;
    let rows = client.query("SELECT version FROM schema_migrations", &[]).await?;
    let applied: Vec<i32> = rows.iter().map(|row| row.get(0)).collect();
    for (version, name, sql) in MIGRATIONS {
        if applied.contains(&version) {
            continue;
        }
        let transaction = client.transaction().await?;
        transaction.batch_execute(sql).await?;
        transaction
            .execute(
                "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)",
                &[&version, &name],
            )
            .await?;
        transaction.commit().await?;
        tracing::info!(version, name, "migration applied");
    }
    Ok(())
}
