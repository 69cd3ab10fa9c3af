//! An argument list instead of a shell.

use tree_sitter::Node;

use super::holes::{self, Holds};
use super::pieces::{self, Piece};
use super::words::{self, Command, Stderr, Word};
use super::{File, Mend, scope};
use crate::facts::{Place, PlacedEdit};
use crate::python::{field, parts};
use crate::secret::missing_imports;

/// Programs that take `--` for the end of their options (POSIX.1-2024, Utility Syntax Guidelines, 10).
const GUIDED: &[&str] = &[
    "basename",
    "cat",
    "chmod",
    "chown",
    "cksum",
    "cmp",
    "comm",
    "cp",
    "cut",
    "df",
    "diff",
    "dirname",
    "du",
    "file",
    "fold",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mv",
    "nl",
    "od",
    "paste",
    "rm",
    "rmdir",
    "sha1sum",
    "sha256sum",
    "sort",
    "stat",
    "tail",
    "tee",
    "touch",
    "uniq",
    "wc",
    "zcat",
];

/// Edits that take the shell away from a call.
pub(super) fn mend(file: &File<'_>, place: Place, function: &str) -> Mend {
    let call = scope::at(file.root, place).filter(|node| node.kind() == "call").ok_or("the call is unusual")?;
    let (plain, named) = scope::arguments(call, file.text).ok_or("arguments are spread")?;
    let command_name = |name: &str| matches!(name, "args" | "cmd" | "command");
    let argument = match plain.as_slice() {
        [one] => *one,
        [] => named
            .iter()
            .find(|(name, _)| command_name(name))
            .and_then(|(_, arg)| field(*arg, "value"))
            .ok_or("there is no command")?,
        _ => return Err("the call has unusual arguments"),
    };
    let source = command_node(file, call, argument)?;
    let command = words::split(&pieces::of(source, file.text).ok_or("the command is built in an unusual way")?)?;
    let (list, guarded) = list(file, source, &command)?;
    let opened = opened(file, call, &command)?;
    let program = match command.words.first().map(Vec::as_slice) {
        Some([Piece::Text(program)]) => program.clone(),
        _ => String::new(),
    };
    let mut title = format!("run `{program}` without a shell, with a list of arguments");
    if !guarded {
        title.push_str("; an argument of the event that starts with `-` can still be read as an option");
    }
    let job = Job { file, call, argument, source, list, command, named, opened };
    let mut edits = match function.split_once('.') {
        Some(("subprocess", "getoutput")) => job.get_output()?,
        Some(("subprocess", "getstatusoutput") | ("asyncio" | "commands" | "popen2", _)) => {
            return Err("the function has no form without a shell");
        }
        Some(("subprocess", _)) => job.keep_function()?,
        Some(("os", "system")) => job.system()?,
        Some(("os", "popen")) => job.popen()?,
        _ => return Err("the function has no form without a shell"),
    };
    edits.extend(job.opening());
    edits.sort_by_key(|edit| edit.place);
    let needs_module = edits.iter().any(|edit| edit.text.contains("subprocess."));
    let needed: &[&str] = if needs_module { &["subprocess", "str", "open"] } else { &["str", "open"] };
    if needed.iter().any(|name| scope::is_shadowed(file.root, call, file.text, name)) {
        return Err("a name that is needed is something else here");
    }
    if needs_module {
        edits.extend(missing_imports(file.imports, file.number, &["subprocess"]));
    }
    Ok((edits, title))
}

/// The expression that makes the command: the argument, or what was assigned to it right before.
fn command_node<'t>(file: &File<'t>, call: Node<'t>, argument: Node<'t>) -> Result<Node<'t>, &'static str> {
    if argument.kind() != "identifier" {
        return Ok(argument);
    }
    let unusual = "the command comes from elsewhere";
    let name = file.text.get(argument.byte_range()).unwrap_or_default();
    let function = scope::function_around(call).ok_or(unusual)?;
    let value = scope::only_value(function, file.text, name).ok_or(unusual)?;
    if scope::uses(function, file.text, name).len() != 2 || value.end_byte() > call.start_byte() {
        return Err("the command is used several times");
    }
    let statement = |node: Node<'t>| scope::up(node, |n| n.parent().is_some_and(|p| p.kind() == "block"));
    let (one, other) = (statement(value).ok_or(unusual)?, statement(call).ok_or(unusual)?);
    // What the holes hold must not change in between.
    let block = |node: Node<'t>| node.parent().map(|parent| parent.id());
    if block(one) != block(other) || one.next_named_sibling() != Some(other) {
        return Err(unusual);
    }
    Ok(value)
}

/// The arguments as a list of Python, and whether none of them can be taken for an option.
fn list(file: &File<'_>, source: Node<'_>, command: &Command) -> Result<(String, bool), &'static str> {
    let known = holes::of(file, source, command)?;
    let holds = |word: &Word| match word.first() {
        Some(Piece::Hole(hole, _)) => known.iter().find(|(name, _)| name == hole).map(|(_, holds)| *holds),
        _ => None,
    };
    let is_open = |word: &Word| {
        let open = holds(word).is_some_and(|holds| holds >= Holds::Event);
        open && matches!(word.first(), Some(Piece::Hole(hole, _)) if !is_harmless(file, source, hole))
    };
    let first_open = command.words.iter().position(is_open);
    let program = command.words.first().and_then(|word| word.first());
    let guided =
        matches!(program, Some(Piece::Text(name)) if GUIDED.contains(&name.rsplit('/').next().unwrap_or(name)));
    let is_option = |word: &Word| {
        holds(word) == Some(Holds::Option) || matches!(word.first(), Some(Piece::Text(text)) if text.starts_with('-'))
    };
    let options_after = |at: usize| command.words.iter().skip(at).any(is_option);
    // A word before may be an option that takes the hole for its value.
    let valued = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| command.words.get(before));
        before.is_some_and(|word| word.len() == 1 && is_option(word) && *word != [Piece::Text("-".to_owned())])
    };
    let guard = first_open.filter(|at| guided && !options_after(*at) && !valued(*at));
    let mut items = Vec::new();
    for (number, word) in command.words.iter().enumerate() {
        if guard == Some(number) {
            items.push("\"--\"".to_owned());
        }
        items.push(pieces::expression(word));
    }
    Ok((format!("[{}]", items.join(", ")), first_open.is_none() || guard.is_some()))
}

/// The statement in which the files of the command's redirections are opened, and closed behind.
struct Opened {
    /// The first byte of the statement.
    at: usize,
    /// What stands before it in its line, and a step more.
    indent: String,
    stdin: Option<String>,
    stdout: Option<String>,
}

/// How the files of redirections are opened: in a block around the statement, if that stands on lines of its own.
fn opened(file: &File<'_>, call: Node<'_>, command: &Command) -> Result<Option<Opened>, &'static str> {
    let null = |(word, _): &(Word, bool)| matches!(word.as_slice(), [Piece::Text(text)] if text == "/dev/null");
    let (stdin, stdout) = (command.stdin.is_some(), command.stdout.as_ref().is_some_and(|out| !null(out)));
    if !stdin && !stdout {
        return Ok(None);
    }
    let handles = |source: &super::Source<'_>| {
        let handles = |node: Node<'_>| {
            let value = parts(node).into_iter().next().filter(|_| node.kind() == "except_clause");
            let value = value.and_then(|value| source.text.get(value.byte_range())).unwrap_or_default();
            ["CalledProcessError", "SubprocessError"].iter().any(|error| value.contains(error))
        };
        scope::all(source.root).into_iter().any(handles)
    };
    // The shell reports a file that is not there as a failed command.
    if file.all.iter().any(handles) {
        return Err("without a shell, a missing file raises another exception than the one that is handled");
    }
    if stdin && !raises(file, call) {
        return Err("without a shell, a missing file raises an exception instead of giving a status");
    }
    let simple = |node: Node<'_>| matches!(node.kind(), "expression_statement" | "return_statement");
    let Some(statement) = scope::up(call, |node| simple(node) || node.kind() == "block").filter(|n| simple(*n)) else {
        return Ok(None);
    };
    // What is done several times, later or perhaps not at all.
    let apart = |kind: &str| {
        matches!(kind, "lambda" | "generator_expression" | "conditional_expression" | "boolean_operator")
            || kind.ends_with("comprehension")
    };
    let inner = scope::up(call, |node| node == statement || apart(node.kind()));
    let (start, end) = (statement.start_byte(), statement.end_byte());
    let before = file.text.get(..start).unwrap_or_default();
    let indent = before.rsplit('\n').next().unwrap_or_default();
    let after = file.text.get(end..).unwrap_or_default().split('\n').next().unwrap_or_default().trim();
    let alone = indent.chars().all(|c| c == ' ' || c == '\t') && (after.is_empty() || after.starts_with('#'));
    if inner != Some(statement) || !alone {
        return Ok(None);
    }
    let step = if indent.starts_with('\t') { "\t" } else { "    " };
    let name = |needed: bool, wish: &str| needed.then(|| super::tmp::unused(file, wish));
    let indent = format!("{indent}{step}");
    Ok(Some(Opened { at: start, indent, stdin: name(stdin, "source"), stdout: name(stdout, "target") }))
}

/// Whether a call raises an exception if the command fails.
fn raises(file: &File<'_>, call: Node<'_>) -> bool {
    let checked = |(name, node): &(String, Node<'_>)| {
        name == "check" && field(*node, "value").is_some_and(|value| value.kind() == "true")
    };
    let named = scope::arguments(call, file.text).map(|(_, named)| named).unwrap_or_default();
    scope::callee(call, file.text).starts_with("check_") || named.iter().any(checked)
}

/// True if the value surely does not start with `-`: a path that starts with a folder.
fn is_harmless(file: &File<'_>, source: Node<'_>, hole: &str) -> bool {
    let Some(function) = scope::function_around(source) else { return false };
    let Some(value) = scope::only_value(function, file.text, hole) else { return false };
    let starts = |text: &str| !text.is_empty() && !text.starts_with('-');
    if let Some(parts) = pieces::of(value, file.text)
        && let Some(Piece::Text(text)) = parts.first()
    {
        return starts(text);
    }
    let joined = value.kind() == "call" && scope::callee(value, file.text) == "join";
    let Some((plain, _)) = scope::arguments(value, file.text).filter(|_| joined) else { return false };
    let Some(first) = plain.first() else { return false };
    if let Some(constant) = pieces::constant(*first, file.text) {
        return starts(&constant);
    }
    let name = file.text.get(first.byte_range()).unwrap_or_default();
    scope::uses(function, file.text, name).into_iter().any(|node| {
        let pattern = scope::up(node, |n| n.kind() == "as_pattern");
        let value = pattern.and_then(|pattern| parts(pattern).into_iter().next());
        value.is_some_and(|value| scope::callee(value, file.text) == "TemporaryDirectory")
    })
}

struct Job<'j, 't> {
    file: &'j File<'t>,
    call: Node<'t>,
    argument: Node<'t>,
    source: Node<'t>,
    list: String,
    command: Command,
    named: Vec<(String, Node<'t>)>,
    opened: Option<Opened>,
}

impl Job<'_, '_> {
    fn edit(&self, start: usize, end: usize, text: impl Into<String>) -> PlacedEdit {
        PlacedEdit { place: scope::place(self.file.number, start, end), text: text.into() }
    }

    fn replace(&self, node: Node<'_>, text: impl Into<String>) -> PlacedEdit {
        self.edit(node.start_byte(), node.end_byte(), text)
    }

    /// The text of the module that the call names.
    fn module(&self) -> String {
        let object = field(self.call, "function").and_then(|f| field(f, "object"));
        let name = object.and_then(|object| self.file.text.get(object.byte_range())).unwrap_or("subprocess");
        if name == "os" { "subprocess".to_owned() } else { name.to_owned() }
    }

    /// Named arguments for what the command redirected.
    fn streams(&self) -> Vec<String> {
        let mut found = Vec::new();
        let opened = |name: fn(&Opened) -> Option<&String>| self.opened.as_ref().and_then(name);
        if let Some(stdin) = &self.command.stdin {
            let name = opened(|opened| opened.stdin.as_ref());
            found.push(
                name.map_or_else(
                    || format!("stdin=open({})", pieces::expression(stdin)),
                    |name| format!("stdin={name}"),
                ),
            );
        }
        if let Some((stdout, append)) = &self.command.stdout {
            let null = matches!(stdout.as_slice(), [Piece::Text(text)] if text == "/dev/null");
            let mode = if *append { "a" } else { "w" };
            let name = opened(|opened| opened.stdout.as_ref());
            found.push(match name {
                _ if null => format!("stdout={}.DEVNULL", self.module()),
                Some(name) => format!("stdout={name}"),
                None => format!("stdout=open({}, \"{mode}\")", pieces::expression(stdout)),
            });
        }
        match &self.command.stderr {
            Some(Stderr::Null) => found.push(format!("stderr={}.DEVNULL", self.module())),
            Some(Stderr::WithStdout) => found.push(format!("stderr={}.STDOUT", self.module())),
            None => {}
        }
        found
    }

    /// The line that opens the files.
    fn opening(&self) -> Option<PlacedEdit> {
        let opened = self.opened.as_ref()?;
        let mut items = Vec::new();
        if let (Some(path), Some(name)) = (&self.command.stdin, &opened.stdin) {
            items.push(format!("open({}) as {name}", pieces::expression(path)));
        }
        if let (Some((path, append)), Some(name)) = (&self.command.stdout, &opened.stdout) {
            let mode = if *append { "a" } else { "w" };
            items.push(format!("open({}, \"{mode}\") as {name}", pieces::expression(path)));
        }
        let break_ = if self.file.text.contains("\r\n") { "\r\n" } else { "\n" };
        let text = format!("with {}:{break_}{}", items.join(", "), opened.indent);
        Some(self.edit(opened.at, opened.at, text))
    }

    /// `subprocess.run(..., shell=True)` and its like stay what they are.
    fn keep_function(&self) -> Result<Vec<PlacedEdit>, &'static str> {
        let name = scope::callee(self.call, self.file.text);
        let has = |wanted: &str| self.named.iter().any(|(name, _)| name == wanted);
        let taken = |name: &str| has(name) || (name != "stdin" && has("capture_output"));
        let clash = (self.command.stdin.is_some() && (taken("stdin") || has("input")))
            || (self.command.stdout.is_some() && (taken("stdout") || name.ends_with("check_output")))
            || (self.command.stderr.is_some() && taken("stderr"));
        if clash || has("executable") {
            return Err("the call redirects streams itself");
        }
        let shell = self.named.iter().find(|(name, _)| name == "shell").map(|(_, node)| *node);
        let shell = shell
            .filter(|node| self.file.text.get(node.byte_range()).is_some_and(|t| t.replace(' ', "") == "shell=True"));
        let shell = shell.ok_or("it is decided elsewhere whether there is a shell")?;
        let mut edits = vec![self.removed(shell)?];
        let streams: String = self.streams().into_iter().flat_map(|stream| [", ".to_owned(), stream]).collect();
        if self.source == self.argument {
            edits.insert(0, self.replace(self.argument, format!("{}{streams}", self.list)));
        } else {
            edits.insert(0, self.replace(self.source, self.list.clone()));
            if !streams.is_empty() {
                edits.push(self.edit(self.argument.end_byte(), self.argument.end_byte(), streams));
            }
        }
        edits.sort_by_key(|edit| edit.place);
        Ok(edits)
    }

    /// Takes an argument away, with the comma before it or, for the first, after it.
    fn removed(&self, argument: Node<'_>) -> Result<PlacedEdit, &'static str> {
        let is_comma = |node: &Node<'_>| node.kind() == ",";
        match (argument.prev_sibling().filter(is_comma), argument.next_sibling().filter(is_comma)) {
            (Some(comma), _) => Ok(self.edit(comma.start_byte(), argument.end_byte(), "")),
            (None, Some(comma)) => {
                let after = comma.next_sibling().map_or(comma.end_byte(), |next| next.start_byte());
                Ok(self.edit(argument.start_byte(), after, ""))
            }
            _ => Err("the call has unusual arguments"),
        }
    }

    fn with_streams(&self, function: &str, more: &[&str]) -> Result<String, &'static str> {
        if self.source != self.argument || !self.named.is_empty() {
            return Err("the call has unusual arguments");
        }
        let mut arguments = vec![self.list.clone()];
        arguments.extend(self.streams());
        arguments.extend(more.iter().map(|more| (*more).to_owned()));
        Ok(format!("{}.{function}({})", self.module(), arguments.join(", ")))
    }

    /// The status of `os.system` is another number than that of `subprocess`, but for 0.
    fn system(&self) -> Result<Vec<PlacedEdit>, &'static str> {
        let parent = self.call.parent().ok_or("the call is unusual")?;
        let zero = |node: Node<'_>| self.file.text.get(node.byte_range()) == Some("0");
        let fits = match parent.kind() {
            "expression_statement" | "not_operator" | "if_statement" => true,
            "comparison_operator" => parts(parent).into_iter().any(zero),
            _ => false,
        };
        if !fits {
            return Err("the status of the command is used");
        }
        Ok(vec![self.replace(self.call, self.with_streams("call", &[])?)])
    }

    /// `os.popen(...).read()`
    fn popen(&self) -> Result<Vec<PlacedEdit>, &'static str> {
        let unusual = "the open command is used in an unusual way";
        if self.command.stdout.is_some() {
            return Err(unusual);
        }
        let attribute = self.call.parent().filter(|p| p.kind() == "attribute").ok_or(unusual)?;
        let outer = attribute.parent().filter(|p| p.kind() == "call").ok_or(unusual)?;
        let (plain, named) = scope::arguments(outer, self.file.text).ok_or(unusual)?;
        let after = match scope::callee(outer, self.file.text) {
            "read" => ".stdout",
            "readlines" => ".stdout.splitlines(keepends=True)",
            _ => return Err(unusual),
        };
        if !plain.is_empty() || !named.is_empty() {
            return Err(unusual);
        }
        let run = self.with_streams("run", &["stdout=subprocess.PIPE", "text=True"])?;
        Ok(vec![self.replace(outer, run + after)])
    }

    fn get_output(&self) -> Result<Vec<PlacedEdit>, &'static str> {
        if self.command.stdout.is_some() || self.command.stderr.is_some() {
            return Err("the command redirects what is read");
        }
        let module = self.module();
        let streams = [format!("stdout={module}.PIPE"), format!("stderr={module}.STDOUT")];
        let [out, err] = &streams;
        let run = self.with_streams("run", &[out, err, "text=True"])?;
        Ok(vec![self.replace(self.call, run + ".stdout.removesuffix(\"\\n\")")])
    }
}
