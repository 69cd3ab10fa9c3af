//! What is known of a function's code.

use serde::{Deserialize, Serialize};

/// A function's code, as its package holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSource {
    /// The runtime, such as `python3.12`; it decides the language.
    pub runtime: String,
    /// The handler, such as `app.handler` or `pkg/app.handler`.
    pub handler: String,
    /// The files of its package and of its layers.
    pub files: Vec<CodeFile>,
}

/// A source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFile {
    /// Its path in the package, such as `pkg/app.py`; for layers, below the folder that is on the path of imports.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A place in a file: bytes, end excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file's number in [`FunctionSource::files`].
    pub file: u32,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// A replacement of some bytes; an empty place is an insertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedEdit {
    /// What is replaced.
    pub place: Place,
    /// What stands there afterwards.
    pub text: String,
}

/// What a value may be, as far as the code shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Just this text.
    Text(String),
    /// The value of an environment variable.
    Env(String),
    /// Something that the sender of the event chooses, with the way to it if known, such as `body.name`.
    Event(String),
    /// The parts one after the other.
    Join(Vec<Value>),
    /// One of these.
    OneOf(Vec<Value>),
    /// Anything.
    Unknown,
}

/// A call of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsCall {
    /// The SDK's name of the service, such as `dynamodb`, `s3`, `secretsmanager`.
    pub service: String,
    /// The API's operation, such as `PutItem`; of methods that call several, one call for each.
    pub operation: String,
    /// Arguments by their API names, such as `TableName`; for resources of the SDK also what they were made with.
    pub arguments: Vec<(String, Value)>,
    /// Names of those arguments that may not be given at all; `*` if others may be given, of which nothing is known.
    #[serde(default)]
    pub optional: Vec<String>,
    /// The method as written, such as `put_item`.
    pub method: String,
    /// Where.
    pub place: Place,
    /// True if only a presigned URL is made: the operation is asked for by somebody else, later, with the function's rights.
    pub presigned: bool,
    /// False if nothing that the handler reaches, or that runs when its module is loaded, names the function in which the
    /// call stands: other handlers of a shared module, and helpers of theirs.
    pub reached: bool,
}

/// A call whose service or operation is chosen at run time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecided {
    /// Why, in a few words.
    pub why: String,
    /// Where.
    pub place: Place,
}

/// A file that could not be read as its language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unparsed {
    /// Why, in a few words.
    pub why: String,
    /// The place of the first fault.
    pub place: Option<Place>,
}

/// A place where code reads one environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvRead {
    /// The variable.
    pub name: String,
    /// The whole expression, such as `os.environ["NAME"]`.
    pub place: Place,
}

/// What an attacker would use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlawKind {
    /// Text of the event becomes part of a shell command.
    EventShell,
    /// A file in `/tmp` whose name a later request can guess or choose.
    PredictableTmp,
}

/// A flaw in the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// Which.
    pub kind: FlawKind,
    /// Where it happens.
    pub place: Place,
    /// Where the attacker's text comes from.
    pub source: Option<Place>,
    /// The way to it in the event, such as `body.biography.fileName`, if known.
    pub field: Option<String>,
    /// Edits that mend it; empty if only a person can.
    pub fix: Vec<PlacedEdit>,
    /// What the edits do, in a line.
    pub fix_title: String,
}

/// What a file imports, and where another import would stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imports {
    /// Names bound at the top of the file by `import NAME`.
    pub modules: Vec<String>,
    /// The byte at which a line `import NAME\n` can be inserted.
    pub insert_at: u32,
}

/// What is known of a function's code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Calls of AWS that the handler, or what runs when its module is loaded, can reach.
    pub calls: Vec<AwsCall>,
    /// Calls that only running the code would show.
    pub undecided: Vec<Undecided>,
    /// Reads of environment variables.
    pub env_reads: Vec<EnvRead>,
    /// Flaws.
    pub flaws: Vec<Flaw>,
    /// Files that could not be read, and languages that are not understood.
    pub unparsed: Vec<Unparsed>,
    /// One for each file of the function's source.
    pub imports: Vec<Imports>,
}
