//! `msctl token`.

use std::time::SystemTime;

use mistersmith_common::fault::Fault;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::command_line::TokenArgs;
use crate::error::FILE;
use crate::screen::Screen;
use crate::signing_key::TokenKey;

/// Prints a signed token.
///
/// # Errors
/// The key cannot be read.
pub(crate) fn issue(screen: Screen, given: &TokenArgs) -> Result<(), Fault> {
    let path = given.key.display();
    let wrong = |reason: String| Fault::new(FILE, format!("{path}: {reason}"));
    let text = std::fs::read_to_string(&given.key).map_err(|error| wrong(error.to_string()))?;
    let key = TokenKey::from_pem(&text).map_err(wrong)?;
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let claims = claims(given, now);
    let token = key.token(&claims);
    screen.one(&json!({ "token": token, "claims": claims }), &token);
    Ok(())
}

fn claims(given: &TokenArgs, now: u64) -> Value {
    json!({
        "iss": "mistersmith",
        "aud": "mcp-gateway",
        "sub": given.subject,
        "scope": given.scope.join(" "),
        "iat": now,
        "exp": now + given.ttl.as_secs(),
        "jti": Uuid::now_v7(),
    })
}
