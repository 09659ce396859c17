//! Tokens of jobs. The key stays in the supervisor: agents ask for a token and never see it.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer as _, SigningKey};
use mistersmith_common::config::Secret;
use mistersmith_common::messages::Name;
use serde::Serialize;
use uuid::Uuid;

/// Time that a token outlives the longest run of its job.
const MARGIN: Duration = Duration::from_secs(60);
/// What a job may do on the gateway.
const JOB_SCOPE: &str = "discoveries:read discoveries:write";

/// Signs tokens with an Ed25519 key.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    lifetime: Duration,
}

/// What a token says.
#[derive(Clone, Debug, Serialize)]
struct Claims<'a> {
    iss: &'static str,
    aud: &'static str,
    sub: &'a str,
    scope: &'static str,
    iat: u64,
    exp: u64,
    jti: Uuid,
    task_id: Uuid,
    job_id: &'a str,
    role: &'a str,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Signer(lifetime {:?})", self.lifetime)
    }
}

impl Signer {
    /// A signer from a private key in PKCS#8 PEM; none when the text is not one.
    #[must_use]
    pub fn new(pem: &Secret, lifetime: Duration) -> Option<Self> {
        let key = SigningKey::from_pkcs8_pem(pem.expose()).ok()?;
        Some(Self { key, lifetime })
    }

    /// Stands where a key was refused; the settings are refused as a whole then, so nothing is signed with it.
    #[must_use]
    pub fn placeholder() -> Self {
        Self {
            key: SigningKey::from_bytes(&[0; 32]),
            lifetime: Duration::ZERO,
        }
    }

    /// A token for one job of an agent; `run` is the longest that the job may run.
    #[must_use]
    pub fn sign(&self, agent: &Name, role: &Name, task_id: Uuid, job_id: &str, run: Duration) -> String {
        let lifetime = self.lifetime.max(run.saturating_add(MARGIN));
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let claims = Claims {
            iss: "mistersmith",
            aud: "mcp-gateway",
            sub: agent.as_str(),
            scope: JOB_SCOPE,
            iat: now,
            exp: now.saturating_add(lifetime.as_secs()),
            jti: Uuid::now_v7(),
            task_id,
            job_id,
            role: role.as_str(),
        };
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(br#"{"alg":"EdDSA","typ":"JWT"}"#),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_token_names_agent_and_task_and_verifies() {
        let signer = Signer::new(
            &Secret::new(mistersmith_test_support::signing_key()),
            Duration::from_secs(3600),
        )
        .unwrap();
        let task = Uuid::now_v7();
        let job = format!("{task}-1");
        let run = Duration::from_secs(600);
        let token = sign(&signer, task, &job, run);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature: [u8; 64] = URL_SAFE_NO_PAD.decode(signature).unwrap().try_into().unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(&signature);
        signer
            .key
            .verifying_key()
            .verify_strict(signed.as_bytes(), &signature)
            .unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["sub"], "agent-3");
        assert_eq!(claims["role"], "critic");
        assert_eq!(claims["task_id"], task.to_string());
        assert_eq!(claims["job_id"], job);
        assert_eq!(claims["scope"], JOB_SCOPE);
        let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!(lifetime, 3600);
    }

    fn sign(signer: &Signer, task: Uuid, job: &str, run: Duration) -> String {
        let (agent, role) = (Name::new("agent-3").unwrap(), Name::new("critic").unwrap());
        signer.sign(&agent, &role, task, job, run)
    }

    #[test]
    fn a_token_lives_longer_than_its_job_may_run() {
        let key = Secret::new(mistersmith_test_support::signing_key());
        let signer = Signer::new(&key, Duration::from_secs(3600)).unwrap();
        let token = sign(&signer, Uuid::now_v7(), "job-1", Duration::from_secs(7200));
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!(lifetime, 7260);
        sign(&signer, Uuid::now_v7(), "job-1", Duration::MAX);
    }

    #[test]
    fn another_kind_of_key_is_refused() {
        assert!(Signer::new(&Secret::new("secret"), Duration::ZERO).is_none());
    }
}
