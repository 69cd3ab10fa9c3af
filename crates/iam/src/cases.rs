//! cases
/// Evaluates one line.
#[must_use]
pub fn eval_case(line: &str) -> String {
    line.to_owned()
}
