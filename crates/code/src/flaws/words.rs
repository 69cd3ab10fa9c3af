//! A command as a shell reads it, as far as it is simple words and redirections
//! (POSIX.1-2024, Shell Command Language, 2.2, 2.3 and 2.7).

use super::pieces::Piece;

/// A word: texts and holes.
pub(super) type Word = Vec<Piece>;

/// A command without anything that only a shell can do.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    pub(super) stdin: Option<Word>,
    /// The file, and true if it is appended to.
    pub(super) stdout: Option<(Word, bool)>,
    pub(super) stderr: Option<Stderr>,
    /// The holes, and true for those between quotes, which are a word or part of one whatever they hold.
    pub(super) holes: Vec<(String, bool)>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Stderr {
    Null,
    WithStdout,
}

/// Commands that only shells know, or that they do in their own way.
const BUILT_IN: &[&str] = &[
    ".", ":", "alias", "bg", "cd", "command", "eval", "exec", "exit", "export", "fg", "hash", "jobs", "printf", "read",
    "set", "shift", "source", "time", "times", "trap", "type", "ulimit", "umask", "unalias", "unset", "wait", "if",
    "for", "while", "case", "until", "!",
];

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

#[derive(Clone, Copy, PartialEq)]
enum Target {
    Word,
    Stdin,
    Stdout(bool),
}

struct Splitter {
    command: Command,
    word: Option<Word>,
    quote: Quote,
    target: Target,
}

/// Splits a command; the error says what only a shell can do.
pub(super) fn split(pieces: &[Piece]) -> Result<Command, &'static str> {
    let mut splitter = Splitter { command: Command::default(), word: None, quote: Quote::None, target: Target::Word };
    for piece in pieces {
        match piece {
            Piece::Hole(hole, _) => {
                splitter.command.holes.push((hole.clone(), splitter.quote != Quote::None));
                splitter.word.get_or_insert_default().push(piece.clone());
            }
            Piece::Text(text) => splitter.text(text)?,
        }
    }
    splitter.end_word()?;
    if splitter.quote != Quote::None || splitter.target != Target::Word {
        return Err("the command is not complete");
    }
    check(splitter.command)
}

fn check(command: Command) -> Result<Command, &'static str> {
    let first = match command.words.first().map(Vec::as_slice) {
        Some([Piece::Text(first)]) => first,
        Some(_) => return Err("the event chooses the program"),
        None => return Err("the command has no program"),
    };
    if first.contains('=') || BUILT_IN.contains(&first.as_str()) {
        return Err("the command is one of the shell itself");
    }
    Ok(command)
}

impl Splitter {
    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if self.quote == Quote::None
                && let Some(after) = self.stderr(rest)
            {
                rest = after;
                continue;
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            match self.quote {
                Quote::Single => self.quoted(c, '\''),
                Quote::Double if matches!(c, '$' | '`' | '\\' | '!') => {
                    return Err("the shell replaces parts of the command");
                }
                Quote::Double => self.quoted(c, '"'),
                Quote::None => rest = self.plain(c, rest)?,
            }
        }
        Ok(())
    }

    fn quoted(&mut self, c: char, end: char) {
        if c == end {
            self.quote = Quote::None;
        } else {
            self.push(c);
        }
    }

    fn plain<'r>(&mut self, c: char, rest: &'r str) -> Result<&'r str, &'static str> {
        match c {
            ' ' | '\t' => self.end_word()?,
            '\'' | '"' => {
                self.word.get_or_insert_default();
                self.quote = if c == '"' { Quote::Double } else { Quote::Single };
            }
            '<' | '>' => {
                if self.word.as_ref().is_some_and(
                    |word| matches!(word.as_slice(), [Piece::Text(t)] if t.chars().all(|c| c.is_ascii_digit())),
                ) {
                    return Err("the command redirects other streams");
                }
                self.end_word()?;
                if self.target != Target::Word {
                    return Err("the command is not complete");
                }
                let (append, rest) = match rest.strip_prefix('>') {
                    Some(after) if c == '>' => (true, after),
                    _ => (false, rest),
                };
                if rest.starts_with(['<', '>', '&', '(', '|']) {
                    return Err("the command redirects in a way that only a shell knows");
                }
                self.target = if c == '<' { Target::Stdin } else { Target::Stdout(append) };
                return Ok(rest);
            }
            _ if c.is_alphanumeric() || "-_./:=,@%+^".contains(c) => self.push(c),
            '|' => return Err("the command is a pipeline"),
            '&' | ';' | '\n' => return Err("there are several commands"),
            _ => return Err("the shell replaces parts of the command"),
        }
        Ok(rest)
    }

    /// `2>/dev/null` and `2>&1`, where a word begins.
    fn stderr<'r>(&mut self, rest: &'r str) -> Option<&'r str> {
        if self.word.is_some() {
            return None;
        }
        for (form, meant) in
            [("2>/dev/null", Stderr::Null), ("2> /dev/null", Stderr::Null), ("2>&1", Stderr::WithStdout)]
        {
            if let Some(after) = rest.strip_prefix(form)
                && (after.is_empty() || after.starts_with([' ', '\t']))
            {
                self.command.stderr = Some(meant);
                return Some(after);
            }
        }
        None
    }

    fn push(&mut self, c: char) {
        let word = self.word.get_or_insert_default();
        match word.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => word.push(Piece::Text(c.to_string())),
        }
    }

    fn end_word(&mut self) -> Result<(), &'static str> {
        let Some(mut word) = self.word.take() else { return Ok(()) };
        if word.is_empty() {
            word.push(Piece::Text(String::new()));
        }
        match std::mem::replace(&mut self.target, Target::Word) {
            Target::Word => self.command.words.push(word),
            Target::Stdin if self.command.stdin.is_none() => self.command.stdin = Some(word),
            // Before the redirection, `2>&1` means the stream that stood there until then.
            Target::Stdout(_) if self.command.stderr.is_some() => {
                return Err("the command redirects a redirected stream");
            }
            Target::Stdout(append) if self.command.stdout.is_none() => self.command.stdout = Some((word, append)),
            Target::Stdin | Target::Stdout(_) => return Err("the command redirects a stream twice"),
        }
        Ok(())
    }
}
