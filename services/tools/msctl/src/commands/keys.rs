//! `msctl keys`.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use mistersmith_common::fault::Fault;
use nkeys::KeyPair;
use serde_json::{Value, json};

use crate::error::FILE;
use crate::screen::Screen;
use crate::signing_key::TokenKey;

/// Mode of what is secret, and of what is not.
const SECRET: u32 = 0o600;
const PUBLIC: u32 = 0o644;

/// A file that is written.
struct KeyFile {
    name: String,
    text: String,
    mode: u32,
}

/// Writes the keys of a deployment; existing keys are never replaced.
///
/// # Errors
/// A file is there already or cannot be written.
pub(crate) fn generate(screen: Screen, directory: &Path) -> Result<(), Fault> {
    let wrong =
        |path: &Path, error: &dyn std::fmt::Display| Fault::new(FILE, format!("{}: {error}", path.display()));
    let files = files().map_err(|reason| wrong(directory, &reason))?;
    let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
    made.map_err(|error| wrong(directory, &error))?;
    if let Some(present) = files
        .iter()
        .map(|file| directory.join(&file.name))
        .find(|path| path.exists())
    {
        return Err(wrong(&present, &"is there already; keys are not replaced"));
    }
    for file in &files {
        let path = directory.join(&file.name);
        write(&path, file).map_err(|error| wrong(&path, &error))?;
    }
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    screen.one(
        &json!({ "directory": directory, "files": names }),
        &names.join("\n"),
    );
    Ok(())
}

fn files() -> Result<Vec<KeyFile>, String> {
    let key = TokenKey::from_random(&random()?);
    let mut files = vec![
        file("mcp-signing-key", key.to_pem()?, SECRET),
        file("mcp-public-keys", format!("{}\n", key.public_set()), PUBLIC),
    ];
    for role in roles()? {
        let pair = KeyPair::new_user();
        let seed = pair.seed().map_err(|error| error.to_string())?;
        files.push(file(&format!("nats-{role}-seed"), format!("{seed}\n"), SECRET));
        let public = format!("{}\n", pair.public_key());
        files.push(file(&format!("nats-{role}-public"), public, PUBLIC));
    }
    Ok(files)
}

fn file(name: &str, text: String, mode: u32) -> KeyFile {
    KeyFile {
        name: name.to_owned(),
        text,
        mode,
    }
}

/// The roles that NATS knows.
fn roles() -> Result<Vec<String>, String> {
    let text = include_str!("../../../../contracts/permissions.json");
    let permissions: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let roles = permissions["roles"]
        .as_object()
        .ok_or("permissions.json has no roles")?;
    Ok(roles.keys().cloned().collect())
}

fn random() -> Result<[u8; 32], String> {
    use std::io::Read;
    let mut bytes = [0; 32];
    let mut source = std::fs::File::open("/dev/urandom").map_err(|error| error.to_string())?;
    source.read_exact(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn write(path: &Path, file: &KeyFile) -> std::io::Result<()> {
    let mut out = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(file.mode)
        .open(path)?;
    out.write_all(file.text.as_bytes())
}
