//! The Ed25519 key that signs tokens: its files, its public half, its signatures.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A private key.
pub(crate) struct TokenKey(SigningKey);

impl TokenKey {
    /// A new key from random bytes.
    pub(crate) fn from_random(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    /// Reads a key in PKCS#8 PEM.
    ///
    /// # Errors
    /// The text is not an Ed25519 key.
    pub(crate) fn from_pem(text: &str) -> Result<Self, String> {
        SigningKey::from_pkcs8_pem(text)
            .map(Self)
            .map_err(|error| format!("not an Ed25519 private key in PKCS#8 PEM ({error})"))
    }

    /// The key in PKCS#8 PEM.
    ///
    /// # Errors
    /// It cannot be written, which the library allows for.
    pub(crate) fn to_pem(&self) -> Result<String, String> {
        // Without the public half, which not every reader of PKCS#8 accepts.
        let pair = ed25519_dalek::pkcs8::KeypairBytes {
            secret_key: self.0.to_bytes(),
            public_key: None,
        };
        let pem = pair
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| error.to_string())?;
        Ok(pem.to_string())
    }

    /// The JSON Web Key Set of the public half.
    pub(crate) fn public_set(&self) -> Value {
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "x": self.public(), "kid": self.id(), "alg": "EdDSA", "use": "sig",
        });
        json!({ "keys": [key] })
    }

    /// A signed token.
    pub(crate) fn token(&self, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.id() });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_bytes())
    }

    /// The thumbprint of RFC 7638: whoever has the public key makes the same.
    fn id(&self) -> String {
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.public());
        URL_SAFE_NO_PAD.encode(Sha256::digest(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Signature;

    #[test]
    fn a_key_that_is_written_is_read() {
        let key = TokenKey::from_random(&[7; 32]);
        let again = TokenKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(again.public_set(), key.public_set());
        assert!(TokenKey::from_pem("secret").is_err());
    }

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        // RFC 8037, appendix A.3
        let secret = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        let key = TokenKey::from_random(&secret.try_into().unwrap());
        assert_eq!(key.public(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_token_verifies_with_the_public_half() {
        let key = TokenKey::from_random(&[7; 32]);
        let token = key.token(&json!({ "sub": "operator" }));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let signature = Signature::from_slice(&bytes).unwrap();
        key.0
            .verifying_key()
            .verify_strict(signed.as_bytes(), &signature)
            .unwrap();
    }
}
