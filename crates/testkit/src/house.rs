//! A front with services behind a real guard, and roles with policies.

use std::sync::Arc;

use burgward_audit::MemoryRecorder;
use burgward_iam::{Policy, PolicyKind};
use burgward_service::{Front, Guard, KeyRing, Mode, Scope, Service};
use burgward_types::{AccountId, AuditRecord, FixedClock, Principal, Region, Timestamp};
use serde_json::{Value, json};

/// The account of every house.
pub const ACCOUNT: &str = "123456789012";

/// What a test holds.
#[derive(Debug)]
pub struct House {
    front: Front,
    recorder: Arc<MemoryRecorder>,
}

/// Account and region of every house.
#[must_use]
pub fn scope() -> Scope {
    Scope { account: AccountId::parse(ACCOUNT).unwrap(), region: Region::parse("eu-west-1").unwrap() }
}

/// A clock that stands still.
#[must_use]
pub fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(Timestamp(1_795_350_896_789)))
}

impl House {
    /// A house with one service.
    #[must_use]
    pub fn new(service: Arc<dyn Service>) -> Self {
        Self::with(|_| vec![service])
    }

    /// A house with several services, some of which need its guard.
    #[must_use]
    pub fn with(services: impl FnOnce(&Arc<Guard>) -> Vec<Arc<dyn Service>>) -> Self {
        let recorder = Arc::new(MemoryRecorder::default());
        let guard = Arc::new(Guard::new(scope(), clock(), recorder.clone(), Mode::Enforce, false));
        let keys = Arc::new(KeyRing::new(clock()));
        let services = services(&guard);
        Self { front: Front::new(guard, keys, services), recorder }
    }

    /// The front, for calls as clients make them.
    #[must_use]
    pub fn front(&self) -> &Front {
        &self.front
    }

    /// The records since they were last taken.
    #[must_use]
    pub fn records(&self) -> Vec<AuditRecord> {
        self.recorder.take()
    }

    /// A role that may do what these statements say.
    #[must_use]
    pub fn role(&self, name: &str, statements: &Value) -> Principal {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let policy = Policy::parse(&document.to_string(), name, PolicyKind::Identity).unwrap();
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
        self.front.guard().policies().set_identity(&arn, vec![Arc::new(policy)]);
        Principal::AssumedRole {
            account: AccountId::parse(ACCOUNT).unwrap(),
            role: name.to_owned(),
            session: "test".to_owned(),
        }
    }

    /// A role that may do anything.
    #[must_use]
    pub fn admin(&self) -> Principal {
        self.role("admin", &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]))
    }

    /// The answer, or the error as `Code: message`.
    pub async fn call(&self, who: &Principal, service: &str, operation: &str, body: Value) -> Result<Value, String> {
        let outcome = self.front.call_as(who.clone(), service, operation, body).await;
        // Whatever came of it, it is on record once.
        assert_eq!(self.recorder.take().len(), 1, "{operation}");
        outcome.map_err(|error| error.to_string())
    }
}
