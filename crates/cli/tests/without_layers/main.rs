//! Every layer of the house, taken away: what was stopped goes through, and nothing else does.
//!
//! Only test builds have the switch; see `crates/types/src/without.rs`.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests may stop and show why"
)]

mod attack;
mod demo;
mod disk;
#[path = "../house/place.rs"]
mod place;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burgward_types::HouseLayer;

use crate::place::{Place, Up, succeed};

/// What each layer's probe comes back with: with the layer, and without it.
const PROBES: [(HouseLayer, &str, &str); 17] = [
    (HouseLayer::Authorizer, "401 Unauthorized", "served"),
    (HouseLayer::ApiKey, "403 Forbidden", "served"),
    (HouseLayer::Throttle, "429 Too Many Requests", "served"),
    (HouseLayer::Quota, "429 Limit Exceeded", "served"),
    (HouseLayer::ApiPolicy, "403 an explicit deny", "served"),
    (HouseLayer::FunctionPolicy, "500 Internal Server Error", "served"),
    (HouseLayer::Signature, "SignatureDoesNotMatch", "served"),
    (HouseLayer::SignatureTime, "SignatureDoesNotMatch", "served"),
    (HouseLayer::SignedPayload, "XAmzContentSHA256Mismatch", "served"),
    (HouseLayer::KeyBinding, "InvalidClientTokenId", "served"),
    (HouseLayer::RuntimeApi, "honest", "stolen"),
    (HouseLayer::Iam, "AccessDeniedException", "served"),
    (HouseLayer::PackageBucket, "AccessDenied", "served"),
    (HouseLayer::Encryption, "nothing", "item, object, parameter, secret, log, record"),
    (HouseLayer::AuditChain, "seen", "not seen"),
    (HouseLayer::AuditHead, "seen", "not seen"),
    (HouseLayer::AuditIntent, "announced", "not announced"),
];

/// Layers that rest on others: without the first, the second does not hold either.
const RESTS_ON: [(HouseLayer, HouseLayer); 3] = [
    // A quota is a key's.
    (HouseLayer::ApiKey, HouseLayer::Quota),
    (HouseLayer::Iam, HouseLayer::PackageBucket),
    // Records that no signed head covers may be the torn end of a log whose writer died.
    (HouseLayer::AuditHead, HouseLayer::AuditChain),
];

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/without_layers").join(name)
}

/// What every probe came back with in a house that lacks this layer, or none.
fn tried(lacking: Option<HouseLayer>) -> BTreeMap<String, String> {
    let (mut place, app) = (Place::new(), here("app"));
    place.env.extend(lacking.map(|layer| ("BURGWARD_TEST_WITHOUT".to_owned(), layer.id().to_owned())));
    let up = place.up(&app, &[]);
    says_so(&up, lacking);
    let found = succeed(&mut up.python(&[here("probes.py")], &place.credentials(&app, &[])));
    let mut found: BTreeMap<String, String> = serde_json::from_str(&found).unwrap();
    assert!(up.stop().success());
    found.extend(disk::tried(&place, &app));
    found
}

/// Such a build says what it is, where people and programs look.
fn says_so(up: &Up, lacking: Option<HouseLayer>) {
    let what = lacking.map_or("none now".to_owned(), |layer| format!("the layer `{}` IS TAKEN AWAY", layer.id()));
    let warning = format!("TEST BUILD, whose layers can be taken away: {what}; never let it near anything of value");
    assert_eq!(up.ready["enforcement"]["relaxed"], serde_json::json!([warning]));
    assert!(up.log().starts_with(&format!("WARNING: {warning}\n")), "{}", up.log());
}

fn goes_through_without(layer: HouseLayer) {
    let gone = |other| other == layer || RESTS_ON.contains(&(layer, other));
    let wanted = PROBES
        .map(|(other, with, without)| (other.id().to_owned(), if gone(other) { without } else { with }.to_owned()));
    assert_eq!(tried(Some(layer)), BTreeMap::from(wanted));
}

#[test]
fn no_layer_is_forgotten() {
    assert_eq!(PROBES.map(|(layer, ..)| layer), HouseLayer::ALL);
}

#[test]
fn nothing_goes_through_a_whole_house() {
    assert_eq!(tried(None), BTreeMap::from(PROBES.map(|(layer, with, _)| (layer.id().to_owned(), with.to_owned()))));
}

#[test]
fn a_layer_that_does_not_exist_is_refused() {
    let mut place = Place::new();
    place.env.push(("BURGWARD_TEST_WITHOUT".into(), "walls".into()));
    let said = place.refused(&here("app"), &[]);
    let wanted = "error: `walls` cannot be used for `BURGWARD_TEST_WITHOUT`: no layer has this name\n  \
                  hint: the names are in crates/types/src/without.rs";
    assert_eq!(said.said(), (Some(2), wanted));
}

macro_rules! layers {
    ($($test:ident: $layer:ident;)+) => {
        $(#[test] fn $test() { goes_through_without(HouseLayer::$layer); })+
        #[test]
        fn every_layer_is_taken_away() {
            assert_eq!([$(HouseLayer::$layer),+], HouseLayer::ALL);
        }
    };
}

layers! {
    authorizer: Authorizer;
    api_key: ApiKey;
    throttle: Throttle;
    quota: Quota;
    api_policy: ApiPolicy;
    function_policy: FunctionPolicy;
    signature: Signature;
    signature_time: SignatureTime;
    signed_payload: SignedPayload;
    key_binding: KeyBinding;
    runtime_api: RuntimeApi;
    iam: Iam;
    package_bucket: PackageBucket;
    encryption: Encryption;
    audit_chain: AuditChain;
    audit_head: AuditHead;
    audit_intent: AuditIntent;
}
