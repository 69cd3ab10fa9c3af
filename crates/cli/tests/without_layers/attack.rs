//! The attack suite sees it when a layer is gone: what it names as stopped goes through, or something else stops it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use burgward_types::HouseLayer;
use serde_json::Value;

use crate::place::{Place, app};

/// An attack that meets the layer, what stops it, and what stops it without the layer.
const ATTACKS: [(HouseLayer, &str, &str, &str); 5] = [
    (HouseLayer::Signature, "signature/signature", "sigv4", "none"),
    (HouseLayer::SignatureTime, "signature/old", "sigv4", "none"),
    (HouseLayer::SignedPayload, "signature/payload", "sigv4", "iam"),
    (HouseLayer::KeyBinding, "stolen-keys/Hello/ended/from outside", "key-binding", "none"),
    (HouseLayer::Iam, "excess/Hello/the account/CreateTable", "iam", "none"),
];

/// What stopped each of these attacks on an app of one function.
fn stopped_by(lacking: Option<HouseLayer>) -> BTreeMap<&'static str, String> {
    let mut place = Place::new();
    place.env.extend(lacking.map(|layer| ("BURGWARD_TEST_WITHOUT".to_owned(), layer.id().to_owned())));
    let app = app("plain-cloudformation");
    let ended = place.run(&["attack", &app.to_string_lossy(), "--format", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    let of = |id: &str| report["attacks"].as_array().unwrap().iter().find(|attack| attack["id"] == id).cloned();
    let stopped = |id: &'static str| {
        let attack = of(id).unwrap_or_else(|| panic!("`{id}` was not tried: {report:#}"));
        let by = attack["stopped_by"].as_str().unwrap().to_owned();
        assert_eq!(attack["through"], by == "none", "{attack:#}");
        (id, by)
    };
    ATTACKS.map(|(_, id, ..)| stopped(id)).into()
}

fn is_seen(layer: HouseLayer) {
    static WHOLE: OnceLock<BTreeMap<&'static str, String>> = OnceLock::new();
    let wanted = |gone: Option<HouseLayer>| {
        ATTACKS
            .map(|(other, id, with, without)| (id, if gone == Some(other) { without } else { with }.to_owned()))
            .into()
    };
    assert_eq!(*WHOLE.get_or_init(|| stopped_by(None)), wanted(None));
    assert_eq!(stopped_by(Some(layer)), wanted(Some(layer)));
}

macro_rules! attacks {
    ($($test:ident: $layer:ident;)+) => {
        $(#[test] fn $test() { is_seen(HouseLayer::$layer); })+
        #[test]
        fn every_attack_is_run() {
            assert_eq!([$(HouseLayer::$layer),+], ATTACKS.map(|(layer, ..)| layer));
        }
    };
}

attacks! {
    signature: Signature;
    signature_time: SignatureTime;
    signed_payload: SignedPayload;
    key_binding: KeyBinding;
    iam: Iam;
}
