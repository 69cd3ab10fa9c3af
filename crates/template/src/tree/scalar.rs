//! What a plain YAML scalar means to CloudFormation: YAML 1.1, and dates stay text.

use super::Kind;

/// The kind of a plain (unquoted) scalar.
///
/// CloudFormation reads YAML 1.1 with the exceptions it documents; `yes` and `on` are booleans there.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>
pub(crate) fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Kind::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Kind::Bool(false),
        _ if is_number(text) => Kind::Number(text.to_owned()),
        _ => Kind::String(text.to_owned()),
    }
}

/// A decimal number; twelve digits with a leading zero are an account id, not octal.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    !whole.is_empty() && !leading_zero && all_digits(whole) && all_digits(rest) && !digits.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars() {
        assert!(matches!(plain("yes"), Kind::Bool(true)));
        assert!(matches!(plain("2012-10-17"), Kind::String(_)));
        assert!(matches!(plain("012345678901"), Kind::String(_)));
        assert!(matches!(plain("3.9"), Kind::Number(_)));
        assert!(matches!(plain("-5"), Kind::Number(_)));
        assert!(matches!(plain("1e3"), Kind::String(_)));
        assert!(matches!(plain("~"), Kind::Null));
    }
}
