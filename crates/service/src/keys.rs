//! Access keys: issued here, short-lived, each good in one place only.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use burgward_sigv4::{CredentialScope, SigningKey};
use burgward_types::{Clock, Principal, SandboxId, Secret, Timestamp};

use crate::{Origin, Policy};

/// Where a key is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// In one sandbox's network namespace alone.
    Sandbox(SandboxId),
    /// At the outside endpoint alone.
    Outside,
}

impl Binding {
    /// True if a request from there may use a key bound so.
    #[must_use]
    pub fn admits(self, origin: Origin) -> bool {
        match (self, origin) {
            (Self::Sandbox(own), Origin::Sandbox(asked)) => own == asked,
            (Self::Outside, Origin::Outside(_)) => true,
            (Self::Sandbox(_), Origin::Outside(_) | Origin::Internal)
            | (Self::Outside, Origin::Sandbox(_) | Origin::Internal) => false,
        }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox(id) => id.fmt(f),
            Self::Outside => f.write_str("outside"),
        }
    }
}

/// What a key is to be.
#[derive(Clone, Debug)]
pub struct KeyGrant {
    /// Whom it speaks for.
    pub principal: Principal,
    /// Where it is good.
    pub bound_to: Binding,
    /// How long, in milliseconds.
    pub ttl_millis: i64,
    /// Policies that narrow it.
    pub session_policies: Vec<Arc<Policy>>,
}

/// A fresh key, for the one it is issued to.
#[derive(Clone, Debug)]
pub struct IssuedKey {
    /// `ASIA...`.
    pub access_key_id: String,
    /// The secret.
    pub secret: Secret<String>,
    /// The session token that must come with every request.
    pub token: Secret<String>,
    /// When it ends.
    pub expires: Timestamp,
}

/// A key as it is kept.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: Secret<String>,
    pub(crate) token: Secret<String>,
    pub(crate) principal: Principal,
    pub(crate) bound_to: Binding,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) session_policies: Arc<[Arc<Policy>]>,
    pub(crate) user_id: String,
    retired: AtomicBool,
    signing: RwLock<Vec<(CredentialScope, SigningKey)>>,
}

/// How many days, regions and services a key keeps derived signing keys for.
const MAX_DERIVED: usize = 16;

impl Key {
    /// True once the key's sandbox has ended: only URLs that were presigned with it still hold.
    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// The signing key of a scope: kept from before, or derived.
    pub(crate) fn signing_key(&self, scope: &CredentialScope) -> SigningKey {
        let kept = self.signing.read().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(own, _)| own == scope).map(|(_, key)| key.clone());
        drop(kept);
        found.unwrap_or_else(|| SigningKey::derive(self.secret.expose(), scope))
    }

    /// Keeps a signing key whose signature held; what only was asked for is not kept.
    pub(crate) fn keep_signing_key(&self, scope: &CredentialScope, key: &SigningKey) {
        let has = |kept: &[(CredentialScope, SigningKey)]| kept.iter().any(|(own, _)| own == scope);
        if has(&self.signing.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut kept = self.signing.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_DERIVED {
            kept.clear();
        }
        if !has(&kept) {
            kept.push((scope.clone(), key.clone()));
        }
    }
}

/// Every key that is good now. Keys live in memory alone: a restart ends them all.
pub struct KeyRing {
    clock: Arc<dyn Clock>,
    keys: RwLock<HashMap<String, Arc<Key>>>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").finish_non_exhaustive()
    }
}

impl KeyRing {
    /// An empty ring.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, keys: RwLock::default() }
    }

    /// Issues a key: an `ASIA` id, 40 characters of secret, a token of 256 random bits.
    #[must_use]
    pub fn issue(&self, grant: KeyGrant) -> IssuedKey {
        let now = self.clock.now();
        let id = format!("ASIA{}", base32(&random::<10>()));
        let secret = base64::engine::general_purpose::STANDARD.encode(random::<30>());
        let token = base64::engine::general_purpose::STANDARD.encode(random::<96>());
        let expires = now.plus_millis(grant.ttl_millis);
        let key = Key {
            id: id.clone(),
            secret: Secret::new(secret.clone()),
            token: Secret::new(token.clone()),
            user_id: user_id(&grant.principal),
            principal: grant.principal,
            bound_to: grant.bound_to,
            issued: now,
            expires,
            session_policies: grant.session_policies.into(),
            retired: AtomicBool::new(false),
            signing: RwLock::default(),
        };
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, key| key.expires > now);
        keys.insert(id.clone(), Arc::new(key));
        IssuedKey { access_key_id: id, secret: Secret::new(secret), token: Secret::new(token), expires }
    }

    /// Ends every key of a sandbox, and every URL that was presigned with one.
    pub fn revoke_sandbox(&self, sandbox: SandboxId) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, key| key.bound_to != Binding::Sandbox(sandbox));
    }

    /// A sandbox has ended in peace: its keys sign nothing any more, URLs presigned with them hold until they expire.
    pub fn retire_sandbox(&self, sandbox: SandboxId) {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let own = keys.values().filter(|key| key.bound_to == Binding::Sandbox(sandbox));
        own.for_each(|key| key.retired.store(true, Ordering::Release));
    }

    /// Ends one key; false if there is none of this id.
    pub fn revoke(&self, access_key_id: &str) -> bool {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(access_key_id).is_some()
    }

    /// The principal a key speaks for, while it is good.
    #[must_use]
    pub fn lookup(&self, access_key_id: &str) -> Option<Principal> {
        let key = self.find(access_key_id)?;
        (key.expires > self.clock.now()).then(|| key.principal.clone())
    }

    pub(crate) fn find(&self, access_key_id: &str) -> Option<Arc<Key>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(access_key_id).cloned()
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    // aws-lc's generator aborts the process rather than failing, so an error cannot be met here.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}

/// RFC 4648 base 32, as AWS's ids are written.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let at = (held >> bits) & 31;
            out.extend(ALPHABET.get(at as usize).map(|c| char::from(*c)));
        }
    }
    out
}

/// The unique id of a principal, as `aws:userid` writes it; the same name always has the same id here.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>
pub(crate) fn user_id(principal: &Principal) -> String {
    let id = |prefix: &str, name: &str| {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, name.as_bytes());
        let text = base32(hash.as_ref());
        format!("{prefix}{}", text.get(..17).unwrap_or(&text))
    };
    match principal {
        Principal::Root(account) => account.to_string(),
        Principal::User { account, name } => id("AIDA", &format!("{account}:user/{name}")),
        Principal::Role { account, name } => id("AROA", &format!("{account}:role/{name}")),
        Principal::AssumedRole { account, role, session } => {
            format!("{}:{session}", id("AROA", &format!("{account}:role/{role}")))
        }
        Principal::FederatedUser { account, name } => format!("{account}:{name}"),
        Principal::Federated(name) | Principal::Service(name) => name.clone(),
        Principal::Anonymous => "anonymous".to_owned(),
    }
}
