//! What `fit` is given.

use std::sync::Arc;

use burgward_code::Code;
use burgward_diag::SourceFile;
use burgward_template::Parameters;
use burgward_template::model::App;

/// Everything a fit is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The app as its template says it; the template's text is its first source.
    pub app: &'a App,
    /// What the app was loaded with: the proof loads the edited template with the same.
    pub parameters: &'a Parameters,
    /// The code of the functions; a function without is left as it is.
    pub code: &'a [FunctionCode<'a>],
    /// What was observed.
    pub seen: &'a [Seen],
    /// Where permissions come from.
    pub from: From,
    /// Ids of unexplained calls that a person accepts.
    pub accepted: &'a [String],
}

/// The code of one function, analysed.
#[derive(Clone, Copy, Debug)]
pub struct FunctionCode<'a> {
    /// The function's logical id.
    pub function: &'a str,
    /// The facts.
    pub code: &'a Code,
    /// The files that the facts point into, named as a person would.
    pub files: &'a [Arc<SourceFile>],
}

/// A call that was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The ARN of the session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/FUNCTION`. Lambda names a function's sessions after
    /// the function, so that functions which share a role can be told apart.
    pub principal: String,
    /// The action.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// Whether it was allowed; what was denied grants nothing.
    pub allowed: bool,
    /// How often.
    pub count: u64,
}

/// Where permissions come from. The code decides the actions in every case (law 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The code alone.
    Static,
    /// Of what the code asks for, what was observed.
    Observed,
    /// All that the code asks for; observation confirms, and narrows which resources.
    #[default]
    Both,
}

impl From {
    /// Reads a name as it is written on the command line.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [("static", Self::Static), ("observed", Self::Observed), ("both", Self::Both)]
            .into_iter()
            .find_map(|(known, from)| (known == name).then_some(from))
    }
}
