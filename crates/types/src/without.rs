//! Layers of the house that a test build can take away, to prove that a probe notices when one is missing.
//!
//! The layers of the sandbox have names of their own, in `burgward-sandbox`.

/// A layer that holds outside of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HouseLayer {
    /// The Lambda authorizers of APIs.
    Authorizer,
    /// The API keys that routes ask for.
    ApiKey,
    /// The throttles of stages, usage plans and the account.
    Throttle,
    /// The quotas of usage plans.
    Quota,
    /// The resource policies of APIs.
    ApiPolicy,
    /// The resource policies of functions.
    FunctionPolicy,
    /// The comparison of signatures.
    Signature,
    /// The time within which a signature is good.
    SignatureTime,
    /// The comparison of a body with the hash that was signed.
    SignedPayload,
    /// Keys are good where they were issued to and nowhere else.
    KeyBinding,
    /// The order in which a runtime may ask for invocations.
    RuntimeApi,
    /// Decisions by policies.
    Iam,
    /// The policy of the bucket with the functions' packages.
    PackageBucket,
    /// The encryption of everything that is kept.
    Encryption,
    /// The link from each audit record to those before it.
    AuditChain,
    /// The signed head that says where the audit log ends.
    AuditHead,
    /// The audit record before an effect.
    AuditIntent,
}

impl HouseLayer {
    /// Every one of them.
    pub const ALL: [Self; 17] = [
        Self::Authorizer,
        Self::ApiKey,
        Self::Throttle,
        Self::Quota,
        Self::ApiPolicy,
        Self::FunctionPolicy,
        Self::Signature,
        Self::SignatureTime,
        Self::SignedPayload,
        Self::KeyBinding,
        Self::RuntimeApi,
        Self::Iam,
        Self::PackageBucket,
        Self::Encryption,
        Self::AuditChain,
        Self::AuditHead,
        Self::AuditIntent,
    ];

    /// Its stable name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Authorizer => "authorizer",
            Self::ApiKey => "api-key",
            Self::Throttle => "throttle",
            Self::Quota => "quota",
            Self::ApiPolicy => "api-policy",
            Self::FunctionPolicy => "function-policy",
            Self::Signature => "signature",
            Self::SignatureTime => "signature-time",
            Self::SignedPayload => "signed-payload",
            Self::KeyBinding => "key-binding",
            Self::RuntimeApi => "runtime-api",
            Self::Iam => "iam",
            Self::PackageBucket => "package-bucket",
            Self::Encryption => "encryption",
            Self::AuditChain => "audit-chain",
            Self::AuditHead => "audit-head",
            Self::AuditIntent => "audit-intent",
        }
    }

    /// The layer with this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.id() == id)
    }
}

/// The one layer that a test build runs without; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without(pub Option<HouseLayer>);

impl Without {
    /// True if this layer is taken away.
    #[must_use]
    pub fn lacks(self, layer: HouseLayer) -> bool {
        self.0 == Some(layer)
    }
}
