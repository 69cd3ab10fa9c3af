//! A front with one service behind a real guard, and roles with policies.

use std::sync::Arc;

use burgward_audit::MemoryRecorder;
use burgward_iam::{Policy, PolicyKind};
use burgward_service::{Front, Guard, KeyRing, Mode, Scope, Service};
use burgward_types::{AccountId, FixedClock, Principal, Region, Timestamp};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "123456789012";

/// What a test holds.
pub(crate) struct House {
    front: Front,
    recorder: Arc<MemoryRecorder>,
}

pub(crate) fn scope() -> Scope {
    Scope { account: AccountId::parse(ACCOUNT).unwrap(), region: Region::parse("eu-west-1").unwrap() }
}

pub(crate) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(Timestamp(1_795_350_896_789)))
}

impl House {
    pub(crate) fn new(service: Arc<dyn Service>) -> Self {
        let recorder = Arc::new(MemoryRecorder::default());
        let guard = Arc::new(Guard::new(scope(), clock(), recorder.clone(), Mode::Enforce, false));
        let keys = Arc::new(KeyRing::new(clock()));
        Self { front: Front::new(guard, keys, vec![service]), recorder }
    }

    /// A role that may do what these statements say.
    pub(crate) fn role(&self, name: &str, statements: &Value) -> Principal {
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
    pub(crate) fn admin(&self) -> Principal {
        self.role("admin", &json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]))
    }

    /// The answer, or the error as `Code: message`.
    pub(crate) async fn call(
        &self,
        who: &Principal,
        service: &str,
        operation: &str,
        body: Value,
    ) -> Result<Value, String> {
        let outcome = self.front.call_as(who.clone(), service, operation, body).await;
        // Whatever came of it, it is on record once.
        assert_eq!(self.recorder.take().len(), 1, "{operation}");
        outcome.map_err(|error| error.to_string())
    }
}
