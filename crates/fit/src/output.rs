//! What `fit` answers; as JSON it is `burgward/fit-v1`.

use burgward_diag::TextEdit;
use serde::Serialize;
use serde_json::{Value, json};

/// The smallest permissions, function by function, and the edits that write them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fit {
    /// The functions in template order.
    pub functions: Vec<Fitted>,
    /// Observed calls that no code explains; granted only if accepted.
    pub unexplained: Vec<Unexplained>,
    /// What else a person should know.
    pub notes: Vec<String>,
    /// Whether the result holds what it says.
    pub proof: Proof,
    /// The edits of the template; none if the proof failed.
    #[serde(skip)]
    pub edits: Vec<TextEdit>,
}

/// One function.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Fitted {
    /// Its logical id.
    pub function: String,
    /// The role it has today.
    pub role: TodaysRole,
    /// The statements that it needs.
    pub statements: Vec<Statement>,
    /// Why it keeps today's permissions, if it cannot be fitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// What the code asks for and today's role denies: not granted.
    pub denied: Vec<Denied>,
    /// What the code asks for and was not observed; filled by `From::Observed` alone.
    pub dropped: Vec<String>,
    /// What else a person should know.
    pub notes: Vec<String>,
    /// Operations on the template's stores that the role allows today, and those that it allows once fitted: of a function
    /// that is left as it is, the same.
    pub operations: Operations,
}

/// The role a function has today.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TodaysRole {
    /// The role's logical id; empty if it is not of the template.
    pub logical_id: String,
    /// The other functions that have it.
    pub shared_with: Vec<String>,
    /// Statements that allow more than is needed, with their places.
    pub beyond: Vec<String>,
}

/// A count of pairs of operation and store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Operations {
    /// Allowed today.
    pub today: usize,
    /// Needed; of a function that is left as it is, still allowed.
    pub fitted: usize,
}

/// A statement that a function needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The actions, in order.
    pub actions: Vec<String>,
    /// The resources, in order.
    pub resources: Vec<Resource>,
    /// The condition, as IAM writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Value>,
    /// Why, action by action.
    pub evidence: Vec<Evidence>,
}

/// A resource of a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Resource {
    /// Its ARN, or a pattern of ARNs.
    pub arn: String,
    /// How the template writes it, in the syntax of `Fn::Sub`; `${X.Arn}` alone stands for `!GetAtt X.Arn`.
    pub written: String,
}

/// Why an action is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The action.
    pub action: String,
    /// Where the code asks for it: `file:line`.
    pub places: Vec<String>,
    /// How many observed calls confirm it; 0 if it was not observed.
    pub observed: u64,
    /// What is not known exactly, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// An action that the code asks for and today's role denies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Denied {
    /// The action.
    pub action: String,
    /// The resource's ARN or a pattern of ARNs; in words if the code does not tell which.
    pub resource: String,
    /// Where the code asks for it.
    pub places: Vec<String>,
}

/// An observed call that no code explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unexplained {
    /// What accepts it: the same for the same function, action and resource.
    pub id: String,
    /// The function's logical id; empty if the session belongs to no function.
    pub function: String,
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// How often it was allowed.
    pub count: u64,
    /// Whether it was accepted, and is granted.
    pub accepted: bool,
    /// What it may be, or why it cannot be granted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

/// Whether the edited template holds what was promised.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Proof {
    /// How many decisions were made.
    pub checked: usize,
    /// What does not hold; edits are proposed only if nothing is here.
    pub failures: Vec<String>,
}

impl Fit {
    /// Whether every function has what it needs and no more: none was left as it is.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.functions.iter().all(|function| function.left.is_none())
    }

    /// The form `burgward/fit-v1`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = json!({"schema": "burgward/fit-v1"});
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return value };
        let edit = |edit: &TextEdit| {
            json!({"file": edit.span.file.name(), "line": edit.span.position().line,
                   "start": edit.span.start, "end": edit.span.end, "text": edit.text})
        };
        if let Some(object) = value.as_object_mut() {
            object.extend(fields);
            object.insert("edits".into(), self.edits.iter().map(edit).collect());
        }
        value
    }
}
