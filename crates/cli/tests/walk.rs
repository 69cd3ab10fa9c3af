//! Every operation of every service, as the binary joins them: refused without credentials, and denied to a role that
//! has no policy.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::path::Path;
use std::sync::Arc;

use burgward_service::{Access, Binding, Front, KeyGrant, Origin, Service, Walked, walk};
use burgward_store::{SqlStore, Store};
use burgward_svc_dynamodb::DynamoDb;
use burgward_svc_logs::Logs;
use burgward_svc_s3::S3;
use burgward_svc_secretsmanager::SecretsManager;
use burgward_svc_ssm::Ssm;
use burgward_svc_sts::Sts;
use burgward_testkit::{House, clock, scope};
use burgward_types::{Principal, SandboxId};
use burgward_vault::{RootKey, Vault};

const INSIDE: Origin = Origin::Sandbox(SandboxId(7));

/// The house with all services, as `crates/app/src/foundation.rs` builds it.
fn house(dir: &Path) -> House {
    let data = dir.join("data");
    std::fs::create_dir_all(&data).unwrap();
    let root = RootKey::from_file_0600(&dir.join("key"), &data, true).unwrap();
    let vault = Vault::unlock(&root, &data).unwrap();
    let key = |purpose: &str| vault.key(purpose).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqlStore::open(&data.join("control.db"), &key("control-store")).unwrap());
    House::with(|guard| {
        let dynamodb = DynamoDb::open(&data.join("dynamodb.db"), key("dynamodb").expose(), &scope()).unwrap();
        let services: Vec<Arc<dyn Service>> = vec![
            Arc::new(dynamodb),
            Arc::new(S3::open(&data.join("objects"), &vault, Arc::clone(&store), Arc::clone(guard)).unwrap()),
            Arc::new(Ssm::new(Arc::clone(&store), key("ssm"), clock(), scope())),
            Arc::new(SecretsManager::new(Arc::clone(&store), key("secretsmanager"), clock(), scope())),
            Arc::new(Sts::new()),
            Arc::new(Logs::new(Arc::clone(&store), clock(), scope())),
        ];
        services
    })
}

/// What was answered, one line an operation.
fn lines(walked: &[Walked]) -> Vec<String> {
    let line = |w: &Walked| format!("{}:{} {} {}", w.operation.service, w.operation.name, w.status.as_u16(), w.code);
    walked.iter().map(line).collect()
}

fn key_of(front: &Front, bound_to: Binding) -> burgward_service::IssuedKey {
    let principal = Principal::AssumedRole { account: scope().account, role: "nobody".into(), session: "fn".into() };
    front.keys().issue(KeyGrant { principal, bound_to, ttl_millis: 3_600_000, session_policies: vec![] })
}

/// How many operations there are.
fn operations(front: &Front) -> usize {
    front.services().iter().map(|service| service.operations().len()).sum()
}

#[tokio::test]
async fn nothing_is_done_for_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    for origin in [INSIDE, Origin::Outside("127.0.0.1:4000".parse().unwrap())] {
        let walked = walk(house.front(), origin, None).await;
        assert_eq!(walked.len(), operations(house.front()));
        let served: Vec<_> = walked.iter().filter(|w| !refused_for_want_of_credentials(w)).cloned().collect();
        assert!(served.is_empty(), "{:#?}", lines(&served));
        // Each refusal is on record.
        assert_eq!(house.records().len(), walked.len());
    }
}

fn refused_for_want_of_credentials(walked: &Walked) -> bool {
    let code = walked.code.as_str();
    walked.status.is_client_error()
        && ["MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"].contains(&code)
}

#[tokio::test]
async fn nothing_is_done_for_a_role_without_policies() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let key = key_of(house.front(), Binding::Sandbox(SandboxId(7)));
    let walked = walk(house.front(), INSIDE, Some(&key)).await;
    assert_eq!(walked.len(), operations(house.front()));
    let denied = |w: &&Walked| w.status.is_client_error() && w.code.starts_with("AccessDenied");
    let served: Vec<_> = walked.iter().filter(|w| !denied(w)).cloned().collect();
    // AWS answers this one without any permission, and a denial of it would not help:
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    assert_eq!(lines(&served), ["sts:GetCallerIdentity 200 "]);
    let records = house.records();
    assert_eq!(records.len(), walked.len());
    for record in records.iter().filter(|record| record.event_source != "sts.amazonaws.com") {
        assert!(record.decisions.iter().any(|decision| decision.effect == "ImplicitDeny"), "{record:#?}");
    }
}

/// Keys of one sandbox are nobody's elsewhere: not outside, not in another sandbox.
#[tokio::test]
async fn nothing_is_done_for_keys_that_are_used_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let key = key_of(house.front(), Binding::Sandbox(SandboxId(7)));
    for origin in [Origin::Sandbox(SandboxId(8)), Origin::Outside("127.0.0.1:4000".parse().unwrap())] {
        let walked = walk(house.front(), origin, Some(&key)).await;
        let served: Vec<_> = walked.iter().filter(|w| !w.status.is_client_error()).cloned().collect();
        assert!(served.is_empty(), "{:#?}", lines(&served));
        assert_eq!(house.records().len(), walked.len());
    }
}

/// The walk is worth what its table is worth: every service takes part, and with more than reads.
#[tokio::test]
async fn every_service_takes_part() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let names: Vec<_> = house.front().services().iter().map(|service| service.signing_name()).collect();
    assert_eq!(names, ["dynamodb", "s3", "ssm", "secretsmanager", "sts", "logs"]);
    let writes = house
        .front()
        .services()
        .iter()
        .filter(|service| service.operations().iter().any(|operation| operation.access == Access::Write));
    assert_eq!(writes.count(), 5, "all but STS");
}
