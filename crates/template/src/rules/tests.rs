//! The table holds together.

use super::{NESTED, RULES, rule};

/// Objects without a rule of their own, and where they are judged.
const JUDGED_BY_READERS: &[(&str, &str)] = &[
    // `sam_policy`: names, documents and templates, all others refused.
    ("AWS::Serverless::Function", "Policies"),
    // `event`: by the rules of the event's type.
    ("AWS::Serverless::Function", "Events"),
    ("Event", "Properties"),
];

/// Rules that readers ask for, because the rule depends on another property.
const BY_TYPE: &[&str] = &["Event", "ApiEvent", "HttpApiEvent"];

fn referred(shape: &str) -> impl Iterator<Item = &str> {
    shape.split(',').filter_map(|s| s.strip_prefix(['{', '[', '<'])?.strip_suffix(['}', ']', '>']))
}

#[test]
fn every_modelled_object_has_a_rule() {
    let mut used = Vec::new();
    for rule_of in RULES.iter().chain(NESTED) {
        for (name, shape) in rule_of.modelled() {
            for inner in referred(shape) {
                assert!(rule(inner).is_some(), "{} of {} refers to `{inner}`, which is no rule", name, rule_of.of);
                used.push(inner);
            }
            let open = shape.split(',').any(|s| s == "any");
            assert_eq!(open, JUDGED_BY_READERS.contains(&(rule_of.of, name)), "{name} of {}", rule_of.of);
            let words = ["text", "number", "flag", "texts", "names", "policy", "statements", "any"];
            let known = |s: &str| words.contains(&s) || s.contains('|') || referred(s).count() == 1;
            assert!(shape.split(',').all(known), "{name} of {} has the unknown shape `{shape}`", rule_of.of);
        }
    }
    for rule_of in RULES.iter().chain(NESTED).map(|r| r.of) {
        let resource = rule_of.starts_with("AWS::") && !rule_of.contains('/');
        assert!(resource || used.contains(&rule_of) || BY_TYPE.contains(&rule_of), "`{rule_of}` is never used");
    }
}

#[test]
fn every_property_has_one_verdict() {
    for rule_of in RULES.iter().chain(NESTED) {
        let mut names: Vec<_> = rule_of.modelled().map(|(name, _)| name).collect();
        names.extend(rule_of.harmless.split_whitespace());
        names.extend(rule_of.refused.iter().map(|(name, _)| *name));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "a property of {} is named twice", rule_of.of);
        assert_eq!(RULES.iter().chain(NESTED).filter(|r| r.of == rule_of.of).count(), 1, "{}", rule_of.of);
    }
}
