//! A build that people use has no way to take a layer away: the switch is not ignored in it, it is not there.

use crate::place::{BURGWARD, Place, app};

fn holds(binary: &[u8], text: &str) -> bool {
    binary.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn the_switch_of_test_builds_is_not_in_the_binary() {
    let binary = std::fs::read(BURGWARD).unwrap();
    assert!(holds(&binary, "BURGWARD_PASSPHRASE_FILE"), "names of variables can be found");
    for text in ["BURGWARD_TEST_", "TEST BUILD, whose layers can be taken away"] {
        assert!(!holds(&binary, text), "`{text}` stands in the binary");
    }
}

#[test]
fn nothing_is_taken_away_by_the_variable() {
    let (mut place, app) = (Place::new(), app("faults-rest"));
    place.env.push(("BURGWARD_TEST_WITHOUT".into(), "iam".into()));
    let up = place.up(&app, &[]);
    let enforcement = &up.ready["enforcement"];
    assert_eq!((&enforcement["iam"], &enforcement["relaxed"]), (&"enforce".into(), &serde_json::json!([])));
    let mut env = place.credentials(&app, &[]);
    env.push(("PACKAGES".into(), "burgward-deployment-123456789012-us-east-1".into()));
    assert!(up.client("packages.py", &env).starts_with("list 403 AccessDenied\n"));
}
