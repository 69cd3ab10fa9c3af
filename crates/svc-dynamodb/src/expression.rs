//! Which attributes an expression names, and which partition keys a query asks for.
//!
//! Authorization needs both before the engine parses anything. What is not understood here is never taken for harmless:
//! a name that cannot be resolved stays as it is written, and a key that cannot be found becomes [`UNKNOWN_KEY`].
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::engine::normalize_dynamo_number;

/// Stands for a leading key that could not be found: it equals no key that a policy could name.
pub(crate) const UNKNOWN_KEY: &str = "\u{0}";

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    /// A name, a keyword or a function; with `#` where it is a placeholder.
    Word(&'a str),
    /// A value placeholder with its colon.
    Placeholder(&'a str),
    /// Anything else, one character each.
    Mark(char),
}

/// Cuts an expression exactly as the engine does: a name that the two read differently would be authorized as one
/// attribute and served as another.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let opens = matches!(first, '#' | ':' | '_') || first.is_ascii_alphabetic();
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let tail = rest.get(first.len_utf8()..).unwrap_or("");
        let length = if opens { tail.find(|c| !name(c)).unwrap_or(tail.len()) } else { 0 };
        let (token, after) = rest.split_at_checked(first.len_utf8() + length).unwrap_or((rest, ""));
        rest = after;
        match first {
            ':' => found.push(Token::Placeholder(token)),
            _ if opens => found.push(Token::Word(token)),
            _ if first.is_ascii_whitespace() => {}
            _ => found.push(Token::Mark(first)),
        }
    }
    found
}

/// Words of expressions that are no attribute names; attributes so named need a placeholder.
const KEYWORDS: [&str; 9] = ["AND", "OR", "NOT", "IN", "BETWEEN", "SET", "REMOVE", "ADD", "DELETE"];

/// Adds the top-level attributes that an expression names.
pub(crate) fn attributes(expression: &str, names: Option<&Map<String, Value>>, found: &mut Vec<String>) {
    let tokens = tokens(expression);
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let nested = at.checked_sub(1).is_some_and(|before| tokens.get(before) == Some(&Token::Mark('.')));
        let function = tokens.get(at + 1) == Some(&Token::Mark('('));
        let keyword = KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word));
        if !(nested || keyword || (function && !word.starts_with('#'))) {
            found.push(resolve(word, names));
        }
    }
}

fn resolve(word: &str, names: Option<&Map<String, Value>>) -> String {
    let placed = if word.starts_with('#') { names.and_then(|n| n.get(word)) } else { None };
    placed.and_then(Value::as_str).unwrap_or(word).to_owned()
}

/// The values that a key condition demands of the partition key; never empty.
pub(crate) fn partition_keys(
    expression: &str,
    partition: &str,
    names: Option<&Map<String, Value>>,
    values: Option<&Map<String, Value>>,
) -> Vec<String> {
    let tokens = tokens(expression);
    let mut found = Vec::new();
    for window in tokens.windows(3) {
        if let [Token::Word(word), Token::Mark('='), Token::Placeholder(placeholder)] = window
            && resolve(word, names) == partition
        {
            let value = values.and_then(|v| v.get(*placeholder));
            found.push(value.map_or_else(|| UNKNOWN_KEY.to_owned(), key_text));
        }
    }
    if found.is_empty() {
        found.push(UNKNOWN_KEY.to_owned());
    }
    found
}

/// A key as policies write it: strings as they are, numbers in their shortest form, binary in Base64.
pub(crate) fn key_text(value: &Value) -> String {
    let Some(typed) = value.as_object() else { return UNKNOWN_KEY.to_owned() };
    let mut members = typed.iter().filter(|(_, v)| !v.is_null());
    let (Some((kind, content)), None) = (members.next(), members.next()) else { return UNKNOWN_KEY.to_owned() };
    match (kind.as_str(), content.as_str()) {
        ("S", Some(text)) => text.to_owned(),
        ("N", Some(text)) => normalize_dynamo_number(text),
        ("B", Some(text)) => match STANDARD.decode(text) {
            Ok(bytes) => STANDARD.encode(bytes),
            Err(_) => UNKNOWN_KEY.to_owned(),
        },
        _ => UNKNOWN_KEY.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(expression: &str) -> Vec<String> {
        let names = json!({"#s": "status", "#d.x": "no"});
        let mut found = Vec::new();
        attributes(expression, names.as_object(), &mut found);
        found
    }

    #[test]
    fn top_level_attributes_only() {
        assert_eq!(of("a, b.c[3].d, #s.e, #unknown"), ["a", "b", "status", "#unknown"]);
        assert_eq!(of("SET a = if_not_exists(b, :zero) + :one REMOVE c[2] ADD d :n"), ["a", "b", "c", "d"]);
        assert_eq!(
            of("attribute_exists(id) AND (size(tags) > :n or not begins_with(#s, :p))"),
            ["id", "tags", "status"]
        );
        assert_eq!(of("price between :low and :high"), ["price"]);
        assert_eq!(of("SET n=n-:one,m=m-#s"), ["n", "n", "m", "m", "status"]);
    }

    #[test]
    fn partition_keys_are_found_or_unknown() {
        let names = json!({"#p": "pk"});
        let values = json!({":a": {"S": "me"}, ":n": {"N": "01.50"}});
        let find = |text: &str| partition_keys(text, "pk", names.as_object(), values.as_object());
        assert_eq!(find("pk = :a AND sk > :n"), ["me"]);
        assert_eq!(find("(#p=:a)"), ["me"]);
        assert_eq!(find("sk = :a AND pk = :n"), ["1.5"]);
        assert_eq!(find("pk = :missing"), [UNKNOWN_KEY]);
        assert_eq!(find(":a = pk"), [UNKNOWN_KEY]);
        assert_eq!(find("begins_with(pk, :a)"), [UNKNOWN_KEY]);
        assert_eq!(find("pk = :a OR pk = :n"), ["me", "1.5"]);
    }

    #[test]
    fn keys_of_no_or_two_types_are_unknown() {
        assert_eq!(key_text(&json!({"S": "me", "N": "1"})), UNKNOWN_KEY);
        assert_eq!(key_text(&json!({})), UNKNOWN_KEY);
        assert_eq!(key_text(&json!({"B": "aGk="})), "aGk=");
    }
}
