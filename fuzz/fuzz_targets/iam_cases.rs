//! Any line is answered: a decision, or an error that names the line's fault.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let answer = burgward_iam::cases::eval_case(text);
    assert!(serde_json::from_str::<serde_json::Value>(&answer).is_ok(), "{answer}");
});
