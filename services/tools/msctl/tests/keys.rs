//! Keys are made once, tokens are signed with them.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use support::{ended, msctl};

#[test]
fn a_deployment_gets_all_its_keys_once() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("keys");
    let path = directory.to_str().unwrap();
    let made = ended(&mut msctl(&["keys", "generate", path]));
    assert_eq!(made.code, 0, "{made:?}");
    let mode = |name: &str| {
        std::fs::metadata(directory.join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    for role in ["supervisor", "worker", "gateway", "operator"] {
        let seed = std::fs::read_to_string(directory.join(format!("nats-{role}-seed"))).unwrap();
        let public = std::fs::read_to_string(directory.join(format!("nats-{role}-public"))).unwrap();
        assert!(seed.starts_with("SU") && public.starts_with('U'));
        assert_eq!(mode(&format!("nats-{role}-seed")), 0o600);
    }
    assert_eq!(mode("mcp-signing-key"), 0o600);
    let again = ended(&mut msctl(&["keys", "generate", path]));
    assert_eq!(again.code, 1);
    assert!(again.err.contains("MS-CTL-003") && again.err.contains("keys are not replaced"));
}

#[test]
fn a_token_says_who_may_do_what_for_how_long() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().to_str().unwrap();
    assert_eq!(ended(&mut msctl(&["keys", "generate", path])).code, 0);
    let key = home.path().join("mcp-signing-key");
    let arguments = [
        "token",
        "issue",
        "--subject",
        "operator",
        "--scope",
        "tasks:write",
        "--scope",
        "pool:read",
        "--ttl",
        "2h",
        "--key",
        key.to_str().unwrap(),
    ];
    let issued = ended(&mut msctl(&arguments));
    assert_eq!(issued.code, 0, "{issued:?}");
    let parts: Vec<Value> = issued.out.trim().split('.').take(2).map(decode).collect();
    let keys = std::fs::read_to_string(home.path().join("mcp-public-keys")).unwrap();
    let keys: Value = serde_json::from_str(&keys).unwrap();
    assert_eq!(
        (&parts[0]["alg"], &parts[0]["kid"]),
        (&"EdDSA".into(), &keys["keys"][0]["kid"])
    );
    assert_eq!(
        (&parts[1]["sub"], &parts[1]["scope"]),
        (&"operator".into(), &"tasks:write pool:read".into())
    );
    let life = parts[1]["exp"].as_u64().unwrap() - parts[1]["iat"].as_u64().unwrap();
    assert_eq!(life, 7200);
}

fn decode(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn a_wrong_key_or_scope_is_told() {
    let wrong = ended(&mut msctl(&[
        "token",
        "issue",
        "--subject",
        "x",
        "--scope",
        "tasks:read",
        "--key",
        "/nowhere",
    ]));
    assert!(wrong.err.starts_with("MS-CTL-003 /nowhere"), "{}", wrong.err);
    let wrong = ended(&mut msctl(&[
        "token",
        "issue",
        "--subject",
        "x",
        "--scope",
        "all",
        "--key",
        "/nowhere",
    ]));
    assert_eq!(wrong.code, 64);
}
