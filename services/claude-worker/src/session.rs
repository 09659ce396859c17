//! Sessions of the CLI: transcripts in the object store, so that any worker can go on where another one stopped.

use std::path::{Path, PathBuf};

use async_nats::jetstream::Context;
use async_nats::jetstream::object_store::GetErrorKind;
use mistersmith_common::fault::{Code, Fault};
use tokio::io::AsyncReadExt;
use uuid::Uuid;

use crate::claude_cli::project_name;
use crate::error::{NO_SCRATCH, NO_SESSION};
use crate::redact::Redactor;
use crate::scratch::JobDirectory;

/// The object store.
const STORE: &str = "SESSIONS";
/// Longest transcript that is kept, bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Puts the transcript of a session where the CLI looks for it.
///
/// # Errors
/// There is no such session, or it cannot be read or written.
pub(crate) async fn restore(jetstream: &Context, id: Uuid, directory: &JobDirectory) -> Result<(), Fault> {
    let transcript = read(jetstream, id).await?;
    let file = transcript_file(directory, id);
    write(&file, &transcript).map_err(|error| Fault::new(NO_SCRATCH, format!("{}: {error}", file.display())))
}

async fn read(jetstream: &Context, id: Uuid) -> Result<Vec<u8>, Fault> {
    let unreachable =
        |error: &dyn std::fmt::Display| Fault::new(Code::NATS_UNREACHABLE, format!("session {id}: {error}"));
    let store = jetstream
        .get_object_store(STORE)
        .await
        .map_err(|error| unreachable(&error))?;
    let object = store
        .get(id.to_string())
        .await
        .map_err(|error| match error.kind() {
            GetErrorKind::NotFound => Fault::new(NO_SESSION, format!("there is no session {id}")),
            _ => unreachable(&error),
        })?;
    let mut transcript = Vec::new();
    object
        .take(LONGEST)
        .read_to_end(&mut transcript)
        .await
        .map_err(|error| unreachable(&error))?;
    Ok(transcript)
}

/// Keeps the transcript of a run, without the secrets that its tools may have shown. Returns whether there is one.
///
/// # Errors
/// It is too long, or cannot be read or stored.
pub(crate) async fn save(
    jetstream: &Context,
    id: Uuid,
    directory: &JobDirectory,
    redactor: &Redactor,
) -> Result<bool, String> {
    let file = transcript_file(directory, id);
    let Ok(about) = std::fs::metadata(&file) else {
        return Ok(false);
    };
    if about.len() > LONGEST {
        return Err(format!("the transcript has {} bytes", about.len()));
    }
    let raw = std::fs::read(&file).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&raw);
    let clean = redactor.clean(&text);
    let store = jetstream
        .get_object_store(STORE)
        .await
        .map_err(|error| error.to_string())?;
    let name = id.to_string();
    store
        .put(name.as_str(), &mut clean.as_bytes())
        .await
        .map_err(|error| error.to_string())?;
    Ok(true)
}

fn transcript_file(directory: &JobDirectory, id: Uuid) -> PathBuf {
    let projects = directory.home().join(".claude/projects");
    projects
        .join(project_name(&directory.workspace()))
        .join(format!("{id}.jsonl"))
}

fn write(file: &Path, data: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(file, data)
}
