//! Patterns of policies: `*`, `?` and policy variables, matched without allocating and without backtracking over more
//! than the last `*`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use crate::context::{Context, ContextValue, hash_key};

/// A policy variable, `${key}` or `${key, 'default'}`.
#[derive(Debug)]
pub(crate) struct Variable {
    hash: u64,
    key: Box<str>,
    default: Option<Box<str>>,
}

impl Variable {
    /// The text to put in its place: the value of a single-valued key, else the default. A multivalued key is no
    /// variable, so that it counts as having no value.
    fn resolve<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match context.get_hashed(self.hash, &self.key) {
            Some(ContextValue::One(value)) => Some(value),
            Some(ContextValue::Many(values)) if !values.is_empty() => None,
            Some(ContextValue::Many(_)) | None => self.default.as_deref(),
        }
    }
}

/// A part of a pattern.
#[derive(Debug)]
pub(crate) enum Token {
    /// These characters.
    Text(Box<str>),
    /// `?`: any one character.
    One,
    /// `*`: any characters, none included.
    Star,
    /// The value of a context key; a `*` in it is a character.
    Variable(Box<Variable>),
}

/// A compiled pattern; the frequent shapes are ready for a single comparison.
#[derive(Debug)]
pub(crate) enum Pattern {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Tokens { tokens: Box<[Token]>, variables: bool },
}

/// The outcome of matching; `Null` if a variable has no value, which is neither equal nor like anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Yes,
    No,
    Null,
}

impl From<bool> for Match {
    fn from(hit: bool) -> Self {
        if hit { Self::Yes } else { Self::No }
    }
}

/// How a text is read when it becomes a pattern.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${...}` is a variable: Version 2012-10-17 only.
    pub(crate) variables: bool,
}

/// Reads a text as tokens; the error says what is wrong with a `${`.
pub(crate) fn tokenize(text: &str, reading: Reading) -> Result<Vec<Token>, String> {
    let (mut tokens, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some(c) = rest.chars().next() {
        let wildcard = match c {
            '*' => Some(Token::Star),
            '?' => Some(Token::One),
            _ => None,
        };
        if reading.variables
            && let Some(tail) = rest.strip_prefix("${")
        {
            let (token, after) = variable(tail)?;
            if let Token::Text(escaped) = &token {
                plain.push_str(escaped);
            } else {
                flush(&mut tokens, &mut plain);
                tokens.push(token);
            }
            rest = after;
            continue;
        }
        match wildcard {
            Some(token) if reading.wildcards => {
                flush(&mut tokens, &mut plain);
                // Stars in a row are one star.
                if !(matches!(token, Token::Star) && matches!(tokens.last(), Some(Token::Star))) {
                    tokens.push(token);
                }
            }
            Some(_) | None => plain.push(c),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    flush(&mut tokens, &mut plain);
    Ok(tokens)
}

fn flush(tokens: &mut Vec<Token>, plain: &mut String) {
    if !plain.is_empty() {
        tokens.push(Token::Text(std::mem::take(plain).into()));
    }
}

/// Reads what follows `${`; gives the token and the text after `}`.
fn variable(tail: &str) -> Result<(Token, &str), String> {
    for escape in ["*", "?", "$"] {
        if let Some(after) = tail.strip_prefix(escape).and_then(|t| t.strip_prefix('}')) {
            return Ok((Token::Text(escape.into()), after));
        }
    }
    let end = tail.find(['}', ',']).ok_or("a `${` without its `}`")?;
    let (key, after) = tail.split_at_checked(end).unwrap_or((tail, ""));
    let key = key.trim();
    if key.is_empty() || key.contains(['$', '{', '*', '?']) {
        return Err(format!("`${{{key}}}` is not a policy variable"));
    }
    let (default, after) = match after.strip_prefix(',') {
        None => (None, after),
        Some(after) => {
            let quoted = after.trim_start().strip_prefix('\'').ok_or("a variable's default is written `'text'`")?;
            let (text, after) = quoted.split_once('\'').ok_or("a variable's default without its closing `'`")?;
            (Some(text.into()), after.trim_start())
        }
    };
    let after = after.strip_prefix('}').ok_or("a `${` without its `}`")?;
    Ok((Token::Variable(Box::new(Variable { hash: hash_key(key), key: key.into(), default })), after))
}

impl Pattern {
    pub(crate) fn compile(text: &str, reading: Reading) -> Result<Self, String> {
        Ok(Self::from_tokens(tokenize(text, reading)?))
    }

    pub(crate) fn from_tokens(mut tokens: Vec<Token>) -> Self {
        match tokens.as_mut_slice() {
            [] => Self::Exact("".into()),
            [Token::Star] => Self::Any,
            [Token::Text(text)] => Self::Exact(std::mem::take(text)),
            [Token::Text(text), Token::Star] => Self::Prefix(std::mem::take(text)),
            _ => {
                let variables = tokens.iter().any(|t| matches!(t, Token::Variable(_)));
                Self::Tokens { tokens: tokens.into(), variables }
            }
        }
    }

    /// Matches with case.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Match {
        match self {
            Self::Any => Match::Yes,
            Self::Exact(exact) => (**exact == *text).into(),
            Self::Prefix(prefix) => text.starts_with(&**prefix).into(),
            Self::Tokens { tokens, variables } => {
                if *variables && has_null(tokens, context) {
                    return Match::Null;
                }
                Matcher { context, fold: false }.run(tokens, text).into()
            }
        }
    }

    /// Matches without case: for actions, and for `StringEqualsIgnoreCase`.
    pub(crate) fn matches_fold(&self, text: &str, context: &Context) -> Match {
        match self {
            Self::Any => Match::Yes,
            Self::Exact(exact) => fold_prefix(exact, text).is_some_and(str::is_empty).into(),
            Self::Prefix(prefix) => fold_prefix(prefix, text).is_some().into(),
            Self::Tokens { tokens, variables } => {
                if *variables && has_null(tokens, context) {
                    return Match::Null;
                }
                Matcher { context, fold: true }.run(tokens, text).into()
            }
        }
    }
}

fn has_null(tokens: &[Token], context: &Context) -> bool {
    tokens.iter().any(|token| matches!(token, Token::Variable(v) if v.resolve(context).is_none()))
}

/// Takes `prefix` off `text` without regard to case.
fn fold_prefix<'t>(prefix: &str, text: &'t str) -> Option<&'t str> {
    if prefix.is_ascii() {
        let (head, rest) = text.split_at_checked(prefix.len())?;
        return head.eq_ignore_ascii_case(prefix).then_some(rest);
    }
    let mut rest = text.chars();
    for expected in prefix.chars() {
        let c = rest.next()?;
        if c != expected && !c.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(rest.as_str())
}

struct Matcher<'a> {
    context: &'a Context,
    fold: bool,
}

impl Matcher<'_> {
    /// Matches the part before the first star at the start, the part after the last at the end, and every part between
    /// two stars at its leftmost place: a later place could only leave less room for the rest.
    fn run(&self, tokens: &[Token], text: &str) -> bool {
        let mut parts = tokens.split(|token| matches!(token, Token::Star));
        let Some(first) = parts.next() else { return text.is_empty() };
        let Some(mut rest) = self.at_start(first, text) else { return false };
        let Some(mut part) = parts.next() else { return rest.is_empty() };
        for next in parts {
            let Some(after) = self.leftmost(part, rest) else { return false };
            rest = after;
            part = next;
        }
        self.at_end(part, rest)
    }

    fn at_start<'t>(&self, part: &[Token], text: &'t str) -> Option<&'t str> {
        part.iter().try_fold(text, |rest, token| match token {
            Token::Text(expected) => self.strip(expected, rest),
            Token::Variable(variable) => self.strip(variable.resolve(self.context)?, rest),
            Token::One => {
                let mut chars = rest.chars();
                chars.next().map(|_| chars.as_str())
            }
            Token::Star => None,
        })
    }

    fn strip<'t>(&self, expected: &str, text: &'t str) -> Option<&'t str> {
        if self.fold { fold_prefix(expected, text) } else { text.strip_prefix(expected) }
    }

    fn leftmost<'t>(&self, part: &[Token], text: &'t str) -> Option<&'t str> {
        if let ([Token::Text(expected)], false) = (part, self.fold) {
            let at = text.find(&**expected)?;
            return text.get(at + expected.len()..);
        }
        starts(text).find_map(|from| self.at_start(part, from))
    }

    fn at_end(&self, part: &[Token], text: &str) -> bool {
        match part {
            [] => true,
            [Token::Text(expected)] if !self.fold => text.ends_with(&**expected),
            _ => starts(text).any(|from| self.at_start(part, from) == Some("")),
        }
    }
}

/// The text from each of its characters on, and its empty end.
fn starts(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().filter_map(|(at, _)| text.get(at..)).chain(std::iter::once(""))
}
