//! The edits that write a fit into the template.

use std::collections::BTreeSet;

use burgward_diag::{Span, TextEdit};
use burgward_template::model::Spanned;
use burgward_template::patch::{PatchError, Snippet, Writer};
use burgward_template::tree::{Node, Tree};
use serde_json::Value;

use crate::derive::Scene;
use crate::plan::{Planned, Way, has_log, kept_managed};
use crate::today::Written;
use crate::{Resource, Statement};

const BASIC: &str = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// Writes plans.
pub(crate) struct Editor<'a> {
    scene: &'a Scene<'a>,
    writer: Writer<'a>,
    root: &'a Tree,
    edits: Vec<TextEdit>,
    taken: BTreeSet<String>,
}

impl<'a> Editor<'a> {
    /// None if there is no text to edit.
    pub(crate) fn new(scene: &'a Scene<'a>) -> Option<Self> {
        let (file, root) = (scene.source.file.as_ref()?, scene.source.root()?);
        let taken = scene.source.resources().iter().map(|e| e.key.clone()).collect();
        Some(Self { scene, writer: Writer::new(file, root), root, edits: Vec::new(), taken })
    }

    /// Writes one function's part.
    pub(crate) fn function(&mut self, planned: &Planned<'_>) -> Result<Vec<TextEdit>, PatchError> {
        self.edits.clear();
        match planned.way {
            Way::Keep => {}
            Way::Policies => self.policies(planned)?,
            Way::DropRole => self.drop_role(planned)?,
            Way::InPlace => self.in_place(planned)?,
            Way::NewRole => self.new_role(planned)?,
        }
        Ok(std::mem::take(&mut self.edits))
    }

    /// Removes roles that nothing uses any more.
    pub(crate) fn remove(&self, roles: &[String]) -> Result<Vec<TextEdit>, PatchError> {
        let one = |role: &String| {
            let mut edit = self.writer.remove_entry(self.resources()?, role)?;
            Self::close_gap(&mut edit.span);
            Ok(edit)
        };
        roles.iter().map(one).collect()
    }

    /// A resource between two empty lines goes with one of them.
    fn close_gap(span: &mut Span) {
        let text = span.file.text();
        let (before, after) = (text.get(..span.start as usize), text.get(span.end as usize..));
        let (before, after) = (before.unwrap_or(""), after.unwrap_or(""));
        for newline in ["\r\n", "\n"] {
            let empty_before = before.strip_suffix(newline).is_some_and(|rest| rest.ends_with(newline));
            if empty_before && (after.is_empty() || after.starts_with(newline)) {
                span.start -= u32::try_from(newline.len()).unwrap_or(0);
                return;
            }
        }
    }

    fn resources(&self) -> Result<&'a Node, PatchError> {
        self.root.get("Resources").map(AsRef::as_ref).ok_or_else(|| missing("Resources"))
    }

    fn properties(&self, logical_id: &str) -> Result<&'a Node, PatchError> {
        let found = self.scene.source.resource(logical_id).and_then(|e| e.value.get("Properties"));
        found.map(AsRef::as_ref).ok_or_else(|| missing(logical_id))
    }

    /// SAM's `Policies`: what is kept of today's, and one document.
    fn policies(&mut self, planned: &Planned<'_>) -> Result<(), PatchError> {
        let map = self.properties(&planned.function.logical_id)?;
        let list = self.sam_list(planned);
        let edit = match (map.entry("Policies"), list.is_empty()) {
            (Some(_), true) => self.writer.remove_entry(map, "Policies")?,
            (Some(_), false) => self.writer.replace_value(map, "Policies", &Snippet::Seq(list))?,
            (None, true) => return Ok(()),
            (None, false) => self.writer.insert_entry(map, "Policies", &Snippet::Seq(list))?,
        };
        self.edits.push(edit);
        Ok(())
    }

    fn drop_role(&mut self, planned: &Planned<'_>) -> Result<(), PatchError> {
        let map = self.properties(&planned.function.logical_id)?;
        let list = self.sam_list(planned);
        self.edits.push(self.writer.remove_entry(map, "Role")?);
        match (map.entry("Policies"), list.is_empty()) {
            (Some(_), true) => self.edits.push(self.writer.remove_entry(map, "Policies")?),
            (Some(_), false) => self.edits.push(self.writer.replace_value(map, "Policies", &Snippet::Seq(list))?),
            (None, true) => {}
            (None, false) => {
                // Where the role stood: behind its predecessor, whose line is not touched by the removal.
                let at = map.entries().iter().position(|e| e.key == "Role").unwrap_or(0);
                let sibling = at.checked_sub(1).map_or(1, |before| before);
                let sibling = map.entries().get(sibling).map_or("", |e| e.key.as_str());
                self.edits.push(self.writer.insert_after(map, sibling, "Policies", &Snippet::Seq(list))?);
            }
        }
        Ok(())
    }

    fn sam_list(&self, planned: &Planned<'_>) -> Vec<Snippet> {
        let basic = "service-role/AWSLambdaBasicExecutionRole";
        let kept = kept_managed(planned.role).filter(|m| !m.value.ends_with(basic));
        // What SAM attaches by itself has no place in `Policies`, or in the role.
        let mut list: Vec<_> = kept.filter_map(|m| self.named(m)).map(|node| Snippet::of(node)).collect();
        list.extend(self.document(planned));
        list
    }

    /// How the template names a managed policy: its name or ARN, or a call that makes one.
    fn named(&self, managed: &Spanned<String>) -> Option<&Tree> {
        let node = self.scene.source.node_at(&managed.span)?;
        let call = matches!(node.entries(), [only] if only.key == "Ref" || only.key.starts_with("Fn::"));
        let name = node.as_str().is_some_and(|text| managed.value.ends_with(text));
        (call || name).then_some(node)
    }

    /// The policy document; none if there is nothing to say.
    fn document(&self, planned: &Planned<'_>) -> Option<Snippet> {
        let carried = planned.carried().into_iter().map(|w| self.carried(w));
        let fitted = planned.derived.statements.iter().map(|s| self.statement(planned, s));
        let all: Vec<_> = fitted.chain(carried).collect();
        let version = ("Version".to_owned(), Snippet::from("2012-10-17"));
        (!all.is_empty()).then(|| Snippet::Map(vec![version, ("Statement".to_owned(), Snippet::Seq(all))]))
    }

    fn statement(&self, planned: &Planned<'_>, statement: &Statement) -> Snippet {
        let one_or_many = |mut all: Vec<Snippet>| if all.len() == 1 { all.remove(0) } else { Snippet::Seq(all) };
        let actions = statement.actions.iter().map(|a| Snippet::from(a.as_str())).collect();
        let resources = statement.resources.iter().map(resource).collect();
        let mut entries = vec![
            ("Effect".to_owned(), Snippet::from("Allow")),
            ("Action".to_owned(), one_or_many(actions)),
            ("Resource".to_owned(), one_or_many(resources)),
        ];
        if let Some(condition) = &statement.condition {
            entries.push(("Condition".to_owned(), self.condition(planned, condition)));
        }
        Snippet::Map(entries)
    }

    /// A condition as today's statement writes it.
    fn condition(&self, planned: &Planned<'_>, condition: &Value) -> Snippet {
        let today = planned.today.allows.iter().find(|w| w.condition.as_ref() == Some(condition));
        let node = today.and_then(|w| self.scene.source.node_at(&w.span)).and_then(|n| n.get("Condition"));
        node.map_or_else(|| self.read(condition), |node| Snippet::of(node))
    }

    /// A statement of today, as it is written or, if it is not written in the template, as it reads.
    fn carried(&self, statement: &Written) -> Snippet {
        let node = self.scene.source.node_at(&statement.span).filter(|n| n.get("Effect").is_some());
        node.map_or_else(|| self.read(&statement.value), |node| Snippet::of(node))
    }

    fn read(&self, value: &Value) -> Snippet {
        match value {
            Value::Null => Snippet::from(""),
            Value::Bool(b) => Snippet::Bool(*b),
            Value::Number(n) => n.as_i64().map_or_else(|| Snippet::Text(n.to_string()), Snippet::Number),
            Value::String(text) if text.starts_with("arn:") && !text.contains("${") => {
                let written = crate::stores::written(self.scene.input.app, &self.scene.stores, text);
                resource(&Resource { arn: text.clone(), written })
            }
            Value::String(text) => Snippet::Text(text.clone()),
            Value::Array(items) => Snippet::Seq(items.iter().map(|v| self.read(v)).collect()),
            Value::Object(fields) => Snippet::Map(fields.iter().map(|(k, v)| (k.clone(), self.read(v))).collect()),
        }
    }

    /// Rewrites the role that a function has for itself.
    fn in_place(&mut self, planned: &Planned<'_>) -> Result<(), PatchError> {
        let role = &planned.role.logical_id;
        let map = self.properties(role)?;
        let name = map.get("Policies").and_then(|n| n.items().first()?.get("PolicyName").map(|n| Snippet::of(n)));
        let name = name.unwrap_or_else(|| Snippet::Text(planned.function.logical_id.clone()));
        let trust = "AssumeRolePolicyDocument";
        let list = self.document(planned).map(|document| inline(name, document));
        let edit = match (map.entry("Policies"), list) {
            (Some(_), Some(list)) => Some(self.writer.replace_value(map, "Policies", &list)?),
            (Some(_), None) => Some(self.writer.remove_entry(map, "Policies")?),
            (None, Some(list)) => Some(self.writer.insert_after(map, trust, "Policies", &list)?),
            (None, None) => None,
        };
        self.edits.extend(edit);
        let managed = self.managed(planned);
        let kept = kept_managed(planned.role).count();
        let unchanged = managed.len() == planned.role.managed.len() && kept == managed.len();
        if !unchanged {
            let name = "ManagedPolicyArns";
            let edit = match (map.entry(name), managed.is_empty()) {
                (Some(_), true) => self.writer.remove_entry(map, name)?,
                (Some(_), false) => self.writer.replace_value(map, name, &Snippet::Seq(managed))?,
                (None, _) => self.writer.insert_after(map, trust, name, &Snippet::Seq(managed))?,
            };
            self.edits.push(edit);
        }
        Ok(())
    }

    /// The managed policies of a role of the template: those that are kept, and the one that lets a function write its log
    /// unless statements of the role do.
    fn managed(&self, planned: &Planned<'_>) -> Vec<Snippet> {
        let node = |m: &Spanned<String>| match self.named(m) {
            Some(node) => Snippet::of(node),
            None => self.read(&Value::String(m.value.clone())),
        };
        let mut all: Vec<_> = kept_managed(planned.role).map(node).collect();
        if !has_log(planned.role, &planned.today) {
            all.insert(0, Snippet::sub(BASIC));
        }
        all
    }

    /// A role of its own for a function, like the one that it has.
    fn new_role(&mut self, planned: &Planned<'_>) -> Result<(), PatchError> {
        let function = &planned.function.logical_id;
        let id = self.free_name(&format!("{function}Role"));
        let old = self.scene.source.resource(&planned.role.logical_id).and_then(|e| e.value.get("Properties"));
        let copied = |name: &str| old.and_then(|n| n.get(name)).map(|n| (name.to_owned(), Snippet::of(n)));
        let trust = copied("AssumeRolePolicyDocument")
            .unwrap_or_else(|| ("AssumeRolePolicyDocument".to_owned(), self.read(&planned.role.trust)));
        let mut properties = vec![trust];
        properties.extend(["Path", "PermissionsBoundary", "MaxSessionDuration", "Tags"].into_iter().filter_map(copied));
        let managed = self.managed(planned);
        if !managed.is_empty() {
            properties.push(("ManagedPolicyArns".to_owned(), Snippet::Seq(managed)));
        }
        let name = Snippet::Text(function.clone());
        properties.extend(self.document(planned).map(|document| ("Policies".to_owned(), inline(name, document))));
        let mut role = vec![("Type".to_owned(), Snippet::from("AWS::IAM::Role"))];
        let condition = self.scene.source.resource(function).and_then(|e| e.value.get("Condition"));
        role.extend(condition.map(|n| ("Condition".to_owned(), Snippet::of(n))));
        role.push(("Properties".to_owned(), Snippet::Map(properties)));
        self.edits.push(self.writer.insert_after(self.resources()?, function, &id, &Snippet::Map(role))?);
        let map = self.properties(function)?;
        self.edits.push(self.writer.set_below(map, &["Role"], &Snippet::get_att(&id, "Arn"))?);
        Ok(())
    }

    fn free_name(&mut self, wanted: &str) -> String {
        let numbered = (2..).map(|n| format!("{wanted}{n}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        let free = names.find(|name| !self.taken.contains(name)).unwrap_or_else(|| wanted.to_owned());
        self.taken.insert(free.clone());
        free
    }
}

fn missing(what: &str) -> PatchError {
    PatchError::Place(format!("`{what}` is not written in the template"))
}

/// `Policies` of a role: one inline policy.
fn inline(name: Snippet, document: Snippet) -> Snippet {
    Snippet::Seq(vec![Snippet::Map(vec![("PolicyName".to_owned(), name), ("PolicyDocument".to_owned(), document)])])
}

/// A resource in the shortest form that says it.
fn resource(resource: &Resource) -> Snippet {
    let written = resource.written.as_str();
    let alone = written
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .filter(|name| !name.contains(['{', '}', '!']));
    match alone.map(|name| name.split_once('.').ok_or(name)) {
        Some(Ok((resource, attribute))) => Snippet::get_att(resource, attribute),
        Some(Err(name)) => Snippet::reference(name),
        None if written.replace("${!", "").contains("${") => Snippet::sub(written),
        None => Snippet::Text(written.replace("${!", "${")),
    }
}
