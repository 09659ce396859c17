//! `msctl pool`.

use mistersmith_common::fault::Fault;
use mistersmith_common::messages::{AgentView, Command, Control, PoolView};
use serde_json::json;

use crate::connection::Connection;
use crate::error::no_answer;
use crate::screen::{Screen, word};

/// Subject of requests about the whole system.
pub(crate) const SYSTEM: &str = "system.control";

/// Shows the slots of the pool.
///
/// # Errors
/// The supervisor does not answer.
pub(crate) async fn show(connection: &Connection, screen: Screen) -> Result<(), Fault> {
    let pool = ask(connection).await?;
    if screen.json {
        screen.line(&json!(pool).to_string());
        return Ok(());
    }
    let rows: Vec<Vec<String>> = pool.agents.iter().map(row).collect();
    screen.list(
        &[],
        &["AGENT", "ROLE", "STATE", "RESTARTS", "PID", "TASK", "SINCE"],
        &rows,
    );
    screen.line(&format!("{} of {} ready", pool.ready, pool.size));
    Ok(())
}

/// The state of the pool.
///
/// # Errors
/// The supervisor does not answer, or not with a pool.
pub(crate) async fn ask(connection: &Connection) -> Result<PoolView, Fault> {
    let request = Control {
        command: Command::PoolStatus,
        agent_id: None,
        role: None,
        input: None,
    };
    let reply = connection.control(SYSTEM, request).await?;
    reply
        .pool
        .ok_or_else(|| no_answer("the supervisor", &"its answer has no pool"))
}

fn row(agent: &AgentView) -> Vec<String> {
    vec![
        agent.agent_id.to_string(),
        agent.role.to_string(),
        word(agent.state),
        agent.restarts.to_string(),
        agent.pid.map(|pid| pid.to_string()).unwrap_or_default(),
        agent.task_id.map(|id| id.to_string()).unwrap_or_default(),
        agent.since.as_ref().map(ToString::to_string).unwrap_or_default(),
    ]
}
