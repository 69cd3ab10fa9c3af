//! Conditions on JSON messages: `{ ($.a = "x*") && ($.b[0].c >= 3) || ($.d IS NULL) }`.

use serde_json::Value;

/// How deep parentheses may be nested.
const DEEPEST: usize = 32;

/// A compiled condition.
#[derive(Debug)]
pub(crate) enum Condition {
    /// All of them.
    All(Vec<Condition>),
    /// Any of them.
    Any(Vec<Condition>),
    /// A test of one property.
    Test(Vec<Step>, Test),
}

/// A step into a message.
#[derive(Debug)]
pub(crate) enum Step {
    Member(String),
    Element(usize),
}

/// What a property is tested for.
#[derive(Debug)]
pub(crate) enum Test {
    Text { equal: bool, glob: String },
    Number { operator: Operator, number: f64 },
    Null,
    Flag(bool),
    Absent,
}

/// Comparisons of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Compiles a condition with its braces.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).ok_or("a brace is not closed")?;
        let mut parser = Parser { rest: inner, depth: 0 };
        let condition = parser.any()?;
        parser.blank();
        if parser.rest.is_empty() { Ok(condition) } else { Err("something follows the condition") }
    }

    /// True if it holds for a message.
    pub(crate) fn holds(&self, message: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(message)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(message)),
            Self::Test(steps, test) => {
                let found = steps.iter().try_fold(message, |value, step| match step {
                    Step::Member(name) => value.get(name),
                    Step::Element(index) => value.get(index),
                });
                found.map_or(matches!(test, Test::Absent), |value| test.holds(value))
            }
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Text { equal, glob } => match value {
                Value::String(text) => matches_glob(glob, text) == *equal,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
            },
            Self::Number { operator, number } => value.as_f64().is_some_and(|own| operator.holds(own, *number)),
            Self::Null => value.is_null(),
            Self::Flag(flag) => value.as_bool() == Some(*flag),
            Self::Absent => false,
        }
    }
}

impl Operator {
    #[expect(clippy::float_cmp, reason = "a pattern asks for the very number that it writes")]
    fn holds(self, own: f64, number: f64) -> bool {
        match self {
            Self::Equal => own == number,
            Self::NotEqual => own != number,
            Self::Less => own < number,
            Self::LessOrEqual => own <= number,
            Self::Greater => own > number,
            Self::GreaterOrEqual => own >= number,
        }
    }
}

/// `*` stands for any text; everything else for itself.
fn matches_glob(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(between) = last.replace(part) {
            let Some(at) = rest.find(between) else { return false };
            rest = rest.get(at + between.len()..).unwrap_or("");
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.blank();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Result<Condition, &'static str> {
        let mut parts = vec![self.all()?];
        while self.eat("||") {
            parts.push(self.all()?);
        }
        Ok(Condition::Any(parts))
    }

    fn all(&mut self) -> Result<Condition, &'static str> {
        let mut parts = vec![self.one()?];
        while self.eat("&&") {
            parts.push(self.one()?);
        }
        Ok(Condition::All(parts))
    }

    fn one(&mut self) -> Result<Condition, &'static str> {
        if !self.eat("(") {
            let steps = self.selector()?;
            return Ok(Condition::Test(steps, self.test()?));
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("parentheses are nested too deeply");
        }
        let inner = self.any()?;
        self.depth -= 1;
        if self.eat(")") { Ok(inner) } else { Err("a parenthesis is not closed") }
    }

    fn word(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    fn selector(&mut self) -> Result<Vec<Step>, &'static str> {
        if !self.eat("$") {
            return Err("a property selector starts with `$`");
        }
        let mut steps = Vec::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('.') {
                self.rest = rest;
                let name = self.word(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '@'));
                if name.is_empty() {
                    return Err("a property has no name");
                }
                steps.push(Step::Member(name.to_owned()));
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                self.rest = rest;
                let index = self.word(|c| c.is_ascii_digit());
                steps.push(Step::Element(index.parse().map_err(|_| "an array index is no number")?));
                self.rest = self.rest.strip_prefix(']').ok_or("an array index is not closed")?;
            } else if steps.is_empty() {
                return Err("a property selector names a property");
            } else {
                return Ok(steps);
            }
        }
    }

    fn test(&mut self) -> Result<Test, &'static str> {
        self.blank();
        for (words, test) in [
            ("IS NULL", Test::Null),
            ("IS TRUE", Test::Flag(true)),
            ("IS FALSE", Test::Flag(false)),
            ("NOT EXISTS", Test::Absent),
        ] {
            if self.eat(words) {
                return Ok(test);
            }
        }
        let operators = [
            ("!=", Operator::NotEqual),
            (">=", Operator::GreaterOrEqual),
            ("<=", Operator::LessOrEqual),
            ("=", Operator::Equal),
            (">", Operator::Greater),
            ("<", Operator::Less),
        ];
        let operator = operators.into_iter().find(|(token, _)| self.eat(token)).map(|(_, operator)| operator);
        self.operand(operator.ok_or("an operator is missing or not served here")?)
    }

    fn operand(&mut self, operator: Operator) -> Result<Test, &'static str> {
        self.blank();
        let text = if let Some(quoted) = self.rest.strip_prefix('"') {
            let (text, rest) = super::phrase(quoted).ok_or("a quote is not closed")?;
            self.rest = rest;
            text
        } else {
            let word = self.word(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '+'));
            if let Ok(number) = word.parse::<f64>()
                && number.is_finite()
            {
                return Ok(Test::Number { operator, number });
            }
            if word.is_empty() {
                return Err("a value is missing or not served here");
            }
            word.to_owned()
        };
        match operator {
            Operator::Equal => Ok(Test::Text { equal: true, glob: text }),
            Operator::NotEqual => Ok(Test::Text { equal: false, glob: text }),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                Err("texts are compared by `=` and `!=` alone")
            }
        }
    }
}
