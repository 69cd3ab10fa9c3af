//! Filter patterns: terms, phrases, and conditions on JSON.
//!
//! A pattern that is not understood is an error: one that matched everything would show what was to be hidden, one that
//! matched nothing would hide what was to be found.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod json;

use burgward_service::ServiceError;

use json::Condition;

/// A compiled filter pattern.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// The empty pattern.
    Everything,
    /// Terms: all of these, none of those.
    Terms { all: Vec<String>, none: Vec<String> },
    /// At least one of these terms (`?a ?b`).
    Any(Vec<String>),
    /// A condition on messages that are JSON objects.
    Json(Condition),
}

impl Pattern {
    /// Compiles a pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, ServiceError> {
        let text = text.trim();
        if text.len() > 1024 {
            return Err(invalid("it is longer than 1024 bytes"));
        }
        match text.chars().next() {
            None => Ok(Self::Everything),
            Some('{') => Condition::parse(text).map(Self::Json).map_err(invalid),
            Some('[') => Err(invalid("space-delimited patterns are not served here")),
            Some('%') => Err(invalid("regular expressions are not served here")),
            Some(_) => Self::terms(text),
        }
    }

    fn terms(text: &str) -> Result<Self, ServiceError> {
        let (mut all, mut none, mut any) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (terms, tail) = match first {
                '-' => (&mut none, rest.get(1..).unwrap_or("")),
                '?' => (&mut any, rest.get(1..).unwrap_or("")),
                _ => (&mut all, rest),
            };
            let (term, tail) = term(tail)?;
            terms.push(term);
            rest = tail.trim_start();
        }
        match (any.is_empty(), all.is_empty() && none.is_empty()) {
            (true, _) => Ok(Self::Terms { all, none }),
            (false, true) => Ok(Self::Any(any)),
            (false, false) => Err(invalid("`?` terms cannot stand beside others")),
        }
    }

    /// True if a message matches.
    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Terms { all, none } => {
                all.iter().all(|term| message.contains(term.as_str()))
                    && !none.iter().any(|term| message.contains(term.as_str()))
            }
            Self::Any(any) => any.iter().any(|term| message.contains(term.as_str())),
            Self::Json(condition) => match serde_json::from_str(message.trim()) {
                Ok(value @ serde_json::Value::Object(_)) => condition.holds(&value),
                Ok(_) | Err(_) => false,
            },
        }
    }
}

/// One term and what follows it: a phrase in quotes, or a word of letters, digits and underscores.
fn term(text: &str) -> Result<(String, &str), ServiceError> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (phrase, rest) = phrase(quoted).ok_or_else(|| invalid("a quote is not closed"))?;
        return if phrase.is_empty() { Err(invalid("a term is empty")) } else { Ok((phrase, rest)) };
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !plain {
        return Err(invalid("terms with other characters than letters, digits and underscores stand in double quotes"));
    }
    Ok((word.to_owned(), rest))
}

/// The text up to the closing quote, with `\"` and `\\` resolved, and what follows it.
fn phrase(text: &str) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((found, text.get(at + 1..)?)),
            '\\' => match characters.next()? {
                (_, escaped @ ('"' | '\\')) => found.push(escaped),
                (_, other) => found.extend(['\\', other]),
            },
            _ => found.push(c),
        }
    }
    None
}

fn invalid(why: impl std::fmt::Display) -> ServiceError {
    ServiceError::client("InvalidParameterException", format!("Invalid filter pattern: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(message)
    }

    #[test]
    fn terms_and_phrases() {
        assert!(matches("", "anything"));
        assert!(matches("ERROR", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("ERROR", "error"));
        assert!(matches("ERROR REQUEST", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("ERROR OTHER", "[ERROR 400] BAD REQUEST"));
        assert!(matches("\"BAD REQUEST\"", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("\"REQUEST BAD\"", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("ERROR -\"400\"", "[ERROR 400] BAD REQUEST"));
        assert!(matches("?WARN ?ERROR", "[ERROR 400]"));
        assert!(matches(r#""a \"b\"""#, r#"x a "b" y"#));
    }

    #[test]
    fn conditions_on_json() {
        let message = r#"{"level": "error", "code": 404, "user": {"id": "u-1", "admin": false}, "tags": ["a", "b"], "none": null}"#;
        for pattern in [
            r#"{ $.level = "error" }"#,
            "{ $.level = err* }",
            r#"{ $.level != "info" }"#,
            "{ $.code >= 400 && $.code < 500 }",
            r#"{ ($.code = 500) || ($.user.id = "u-1") }"#,
            r#"{ $.tags[1] = "b" }"#,
            "{ $.user.admin IS FALSE }",
            "{ $.none IS NULL }",
            "{ $.missing NOT EXISTS }",
        ] {
            assert!(matches(pattern, message), "{pattern}");
        }
        for pattern in
            [r#"{ $.level = "info" }"#, "{ $.code > 404 }", r#"{ $.missing != "x" }"#, "{ $.user.admin IS TRUE }"]
        {
            assert!(!matches(pattern, message), "{pattern}");
        }
        assert!(!matches(r#"{ $.level = "error" }"#, "level = error"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in [
            "[w1, w2]",
            "%a+%",
            "a-b",
            "\"open",
            "?a b",
            "{ $.a }",
            "{ a = 1 }",
            "{ $.a = 1",
            "{ $.a = 1 } x",
            "{ $.a > x }",
            "{ $.a = %x% }",
            "{ $.a[*] = 1 }",
            "{ $.a ~ 1 }",
            "-",
            "\"\"",
            "{ $.a = 1 && }",
        ] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
        let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(400), ")".repeat(400));
        assert!(Pattern::parse(&deep).is_err());
    }
}
