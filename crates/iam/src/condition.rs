//! Conditions: the 27 operators with their qualifiers.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>

use std::cmp::Ordering;
use std::net::IpAddr;

use crate::arn::{ArnPattern, Use};
use crate::context::{Context, ContextValue, hash_key};
use crate::glob::{Match, Pattern, Reading};
use crate::values::{Number, Range, base64, parse_bool, parse_date};

/// One key of one operator, with its values.
#[derive(Debug)]
pub(crate) struct Condition {
    /// The operator as it is written, for explanations.
    pub(crate) operator: Box<str>,
    pub(crate) key: Box<str>,
    hash: u64,
    quantifier: Quantifier,
    if_exists: bool,
    negated: bool,
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    /// The key is single-valued.
    Plain,
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug)]
enum Test {
    Text(Vec<Pattern>),
    TextWithoutCase(Vec<Pattern>),
    Number(Comparison, Vec<Number>),
    Date(Comparison, Vec<i128>),
    Bool(Vec<bool>),
    Binary(Vec<Box<[u8]>>),
    Address(Vec<Range>),
    Arn(Vec<ArnPattern>),
    Null(Vec<bool>),
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// An operator's name without qualifiers, in lower case, taken apart.
struct Operator {
    family: Family,
    negated: bool,
}

enum Family {
    StringEquals,
    StringIgnoreCase,
    StringLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

fn operator(name: &str) -> Option<Operator> {
    let yes = |family| Some(Operator { family, negated: false });
    let no = |family| Some(Operator { family, negated: true });
    match name {
        "stringequals" => yes(Family::StringEquals),
        "stringnotequals" => no(Family::StringEquals),
        "stringequalsignorecase" => yes(Family::StringIgnoreCase),
        "stringnotequalsignorecase" => no(Family::StringIgnoreCase),
        "stringlike" => yes(Family::StringLike),
        "stringnotlike" => no(Family::StringLike),
        "bool" => yes(Family::Bool),
        "binaryequals" => yes(Family::Binary),
        "ipaddress" => yes(Family::Address),
        "notipaddress" => no(Family::Address),
        "arnequals" | "arnlike" => yes(Family::Arn),
        "arnnotequals" | "arnnotlike" => no(Family::Arn),
        "null" => yes(Family::Null),
        _ => {
            let (kind, rest): (fn(Comparison) -> Family, _) = match name.strip_prefix("numeric") {
                Some(rest) => (Family::Numeric, rest),
                None => (Family::Date, name.strip_prefix("date")?),
            };
            let comparison = match rest {
                "equals" | "notequals" => Comparison::Equal,
                "lessthan" => Comparison::Less,
                "lessthanequals" => Comparison::LessOrEqual,
                "greaterthan" => Comparison::Greater,
                "greaterthanequals" => Comparison::GreaterOrEqual,
                _ => return None,
            };
            Some(Operator { family: kind(comparison), negated: rest == "notequals" })
        }
    }
}

impl Condition {
    /// Compiles; the error is the problem in words. `variables` tells whether the policy's version knows variables.
    pub(crate) fn compile(name: &str, key: &str, values: &[String], variables: bool) -> Result<Self, String> {
        let lower = name.to_ascii_lowercase();
        let (quantifier, rest) = match lower.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::ForAllValues, rest),
            Some(("foranyvalue", rest)) => (Quantifier::ForAnyValue, rest),
            Some(_) | None => (Quantifier::Plain, lower.as_str()),
        };
        let (base, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |base| (base, true));
        let Some(Operator { family, negated }) = operator(base) else {
            return Err(format!("`{name}` is not a condition operator"));
        };
        if matches!(family, Family::Null) && (if_exists || quantifier != Quantifier::Plain) {
            return Err(format!("`{name}`: `Null` takes neither `IfExists` nor a set operator"));
        }
        if key.contains("${") || key.trim().is_empty() {
            return Err(format!("`{key}` is not a condition key"));
        }
        let test = compile_test(&family, values, variables)?;
        let (operator, hash) = (name.into(), hash_key(key));
        Ok(Self { operator, key: key.into(), hash, quantifier, if_exists, negated, test })
    }

    /// Whether the condition holds. A missing key fails a positive operator and satisfies a negated one.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let value = context.get_hashed(self.hash, &self.key).filter(|v| !v.values().is_empty());
        if let Test::Null(wanted) = &self.test {
            return wanted.contains(&value.is_none());
        }
        let Some(value) = value else { return self.without_key() };
        match self.quantifier {
            Quantifier::Plain => match value {
                ContextValue::One(value) => self.holds_for(value, context),
                // A key with several values needs a set operator.
                ContextValue::Many(_) => false,
            },
            // "an empty string" is an empty data set to the set operators.
            Quantifier::ForAllValues | Quantifier::ForAnyValue if value.values().iter().all(String::is_empty) => {
                self.quantifier == Quantifier::ForAllValues
            }
            Quantifier::ForAllValues => value.values().iter().all(|v| self.holds_for(v, context)),
            Quantifier::ForAnyValue => value.values().iter().any(|v| self.holds_for(v, context)),
        }
    }

    fn without_key(&self) -> bool {
        self.if_exists
            || match self.quantifier {
                Quantifier::Plain => self.negated,
                Quantifier::ForAllValues => true,
                Quantifier::ForAnyValue => false,
            }
    }

    /// Any of the policy's values for a positive operator, none of them for a negated one.
    fn holds_for(&self, value: &str, context: &Context) -> bool {
        self.matches_any(value, context) != self.negated
    }

    fn matches_any(&self, value: &str, context: &Context) -> bool {
        match &self.test {
            Test::Text(patterns) => patterns.iter().any(|p| p.matches(value, context) == Match::Yes),
            Test::TextWithoutCase(patterns) => patterns.iter().any(|p| p.matches_fold(value, context) == Match::Yes),
            Test::Arn(patterns) => {
                value.splitn(6, ':').count() == 6 && patterns.iter().any(|p| p.matches(value, context) == Match::Yes)
            }
            Test::Number(comparison, wanted) => {
                Number::parse(value).is_some_and(|number| wanted.iter().any(|w| comparison.holds(number.compare(*w))))
            }
            Test::Date(comparison, wanted) => {
                parse_date(value).is_some_and(|date| wanted.iter().any(|w| comparison.holds(date.cmp(w))))
            }
            Test::Bool(wanted) => parse_bool(value).is_some_and(|b| wanted.contains(&b)),
            Test::Binary(wanted) => wanted.iter().any(|w| base64(value).eq(w.iter().map(|b| Some(*b)))),
            Test::Address(wanted) => {
                let address = value.parse::<IpAddr>();
                address.is_ok_and(|a| wanted.iter().any(|range| range.contains(a.to_canonical())))
            }
            Test::Null(_) => false,
        }
    }
}

fn compile_test(family: &Family, values: &[String], variables: bool) -> Result<Test, String> {
    let equals = Reading { wildcards: false, variables };
    let like = Reading { wildcards: true, variables };
    Ok(match family {
        Family::StringEquals => Test::Text(each(values, |v| Pattern::compile(v, equals))?),
        Family::StringIgnoreCase => Test::TextWithoutCase(each(values, |v| Pattern::compile(v, equals))?),
        Family::StringLike => Test::Text(each(values, |v| Pattern::compile(v, like))?),
        Family::Arn => Test::Arn(each(values, |v| ArnPattern::compile(v, variables, Use::Condition))?),
        Family::Numeric(comparison) => {
            Test::Number(*comparison, each(values, |v| known(v, "number", Number::parse(v)))?)
        }
        Family::Date(comparison) => Test::Date(*comparison, each(values, |v| known(v, "date", parse_date(v)))?),
        Family::Bool => Test::Bool(each(values, |v| known(v, "boolean", parse_bool(v)))?),
        Family::Null => Test::Null(each(values, |v| known(v, "boolean", parse_bool(v)))?),
        Family::Address => Test::Address(each(values, |v| known(v, "address or CIDR range", Range::parse(v)))?),
        Family::Binary => {
            let decode = |v: &str| known(v, "base64 text", base64(v).collect::<Option<Vec<u8>>>().map(Into::into));
            Test::Binary(each(values, decode)?)
        }
    })
}

fn each<T>(values: &[String], compile: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    values.iter().map(|v| compile(v)).collect()
}

fn known<T>(text: &str, what: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("`{text}` is not a {what}"))
}
