//! JSON with offsets: `serde_json::Value` would forget where things stand and swallow duplicate keys, and a policy with
//! two `Effect`s must be refused, not guessed at.

use serde_json::Value;

/// Deeper than any policy; shallow enough for the stack.
const MAX_DEPTH: usize = 64;

/// A JSON value and the byte offset where it starts (0 if it came from a `Value`).
#[derive(Debug)]
pub(crate) struct Json {
    pub(crate) at: usize,
    pub(crate) node: Node,
}

#[derive(Debug)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<Member>),
}

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) at: usize,
    pub(crate) key: String,
    pub(crate) value: Json,
}

/// What went wrong, and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub(crate) at: usize,
    pub(crate) problem: String,
}

impl Json {
    pub(crate) fn parse(text: &str) -> Result<Self, JsonError> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.space();
        if reader.at < text.len() { Err(reader.error("text after the end of the document")) } else { Ok(value) }
    }

    /// Offsets are lost; duplicate keys cannot occur in a `Value`.
    pub(crate) fn from_value(value: &Value, depth: usize) -> Result<Self, JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError { at: 0, problem: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        let node = match value {
            Value::Null => Node::Null,
            Value::Bool(b) => Node::Bool(*b),
            Value::Number(n) => Node::Number(n.to_string()),
            Value::String(s) => Node::Text(s.clone()),
            Value::Array(items) => {
                Node::List(items.iter().map(|v| Self::from_value(v, depth + 1)).collect::<Result<_, _>>()?)
            }
            Value::Object(map) => {
                let members = map
                    .iter()
                    .map(|(key, v)| Ok(Member { at: 0, key: key.clone(), value: Self::from_value(v, depth + 1)? }));
                Node::Map(members.collect::<Result<_, JsonError>>()?)
            }
        };
        Ok(Self { at: 0, node })
    }

    /// The value in words, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.node {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::Text(_) => "a string",
            Node::List(_) => "a list",
            Node::Map(_) => "an object",
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn error(&self, problem: &str) -> JsonError {
        JsonError { at: self.at, problem: problem.to_owned() }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.error(&format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.space();
        let at = self.at;
        let node = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Node::Text(self.text()?),
            Some(b't') => self.word("true", Node::Bool(true))?,
            Some(b'f') => self.word("false", Node::Bool(false))?,
            Some(b'n') => self.word("null", Node::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return Err(self.error("this is not JSON")),
            None => return Err(self.error("the document ends too early")),
        };
        Ok(Json { at, node })
    }

    fn word(&mut self, word: &str, node: Node) -> Result<Node, JsonError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.error("this is not JSON"));
        }
        self.at += word.len();
        Ok(node)
    }

    fn number(&mut self) -> Result<Node, JsonError> {
        let from = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = self.text.get(from..self.at).unwrap_or("");
        match serde_json::from_str::<serde_json::Number>(text) {
            Ok(_) => Ok(Node::Number(text.to_owned())),
            Err(_) => Err(JsonError { at: from, problem: "this is not a JSON number".to_owned() }),
        }
    }

    fn text(&mut self) -> Result<String, JsonError> {
        let from = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(byte) if byte >= 0x20 => self.at += 1,
                Some(_) => return Err(self.error("a control character in a string")),
                None => return Err(self.error("a string without its end")),
            }
        }
        self.at += 1;
        let quoted = self.text.get(from..self.at).unwrap_or("");
        if escaped {
            let bad = |_| JsonError { at: from, problem: "a string with a wrong escape".to_owned() };
            return serde_json::from_str(quoted).map_err(bad);
        }
        Ok(quoted.trim_matches('"').to_owned())
    }

    fn list(&mut self, depth: usize) -> Result<Node, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Node::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat(b']') {
                return Ok(Node::List(items));
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `]`"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Node, JsonError> {
        self.at += 1;
        let mut members: Vec<Member> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        if self.eat(b'}') {
            return Ok(Node::Map(members));
        }
        loop {
            self.space();
            let at = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in quotation marks"));
            }
            let key = self.text()?;
            if !seen.insert(key.clone()) {
                return Err(JsonError { at, problem: format!("the key `{key}` occurs twice") });
            }
            if !self.eat(b':') {
                return Err(self.error("expected `:`"));
            }
            let value = self.value(depth + 1)?;
            members.push(Member { at, key, value });
            if self.eat(b'}') {
                return Ok(Node::Map(members));
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `}`"));
            }
        }
    }
}
