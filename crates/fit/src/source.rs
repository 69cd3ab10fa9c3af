//! The template as written: how it says a value, and what refers to what.

use std::collections::BTreeSet;
use std::sync::Arc;

use burgward_diag::{SourceFile, Span};
use burgward_template::model::App;
use burgward_template::tree::{Entry, Node, ReadLimits, Tree, read};

/// The template's tree before any function is evaluated.
#[derive(Debug)]
pub(crate) struct Source {
    tree: Option<Tree>,
    pub(crate) file: Option<Arc<SourceFile>>,
}

impl Source {
    pub(crate) fn of(app: &App) -> Self {
        let file = app.sources.first().cloned();
        let (mut refused, mut listed) = (Vec::new(), Vec::new());
        let tree = file.as_ref().and_then(|f| read(f, ReadLimits::default(), &mut refused, &mut listed));
        Self { tree, file }
    }

    pub(crate) fn root(&self) -> Option<&Tree> {
        self.tree.as_ref()
    }

    /// The entries of `Resources`.
    pub(crate) fn resources(&self) -> &[Entry] {
        self.tree.as_ref().and_then(|t| t.get("Resources")).map_or(&[], |n| n.entries())
    }

    /// A resource as written.
    pub(crate) fn resource(&self, logical_id: &str) -> Option<&Entry> {
        self.resources().iter().find(|e| e.key == logical_id)
    }

    /// The type of a resource.
    pub(crate) fn kind_of(&self, logical_id: &str) -> Option<&str> {
        self.resource(logical_id)?.value.get("Type")?.as_str()
    }

    /// A property of a resource as written.
    pub(crate) fn property(&self, logical_id: &str, name: &str) -> Option<&Entry> {
        self.resource(logical_id)?.value.get("Properties")?.entry(name)
    }

    /// The node as written at exactly this place.
    pub(crate) fn node_at(&self, span: &Span) -> Option<&Tree> {
        find(self.tree.as_ref()?, span)
    }

    /// What refers to a resource from outside of it: logical ids of resources, and `Outputs`.
    pub(crate) fn users_of(&self, logical_id: &str) -> BTreeSet<String> {
        let mut users: BTreeSet<String> = BTreeSet::new();
        for entry in self.resources().iter().filter(|e| e.key != logical_id) {
            if references(&entry.value).contains(logical_id) {
                users.insert(entry.key.clone());
            }
        }
        let outside = ["Outputs", "Globals", "Conditions", "Rules"];
        for section in outside.into_iter().filter_map(|name| self.tree.as_ref()?.entry(name)) {
            if references(&section.value).contains(logical_id) {
                users.insert(section.key.clone());
            }
        }
        users
    }

    /// Whether one resource needs another, over however many steps.
    pub(crate) fn depends(&self, from: &str, on: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(next) = open.pop() {
            if next == on {
                return true;
            }
            if let Some(entry) = self.resource(&next).filter(|_| seen.insert(next.clone())) {
                open.extend(references(&entry.value));
            }
        }
        false
    }
}

fn contains(outer: &Span, inner: &Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Whether a place is a value's own, aliases and merged mappings included.
pub(crate) fn holds(node: &Node, span: &Span) -> bool {
    let in_entries = || node.entries().iter().any(|e| holds(&e.value, span));
    contains(&node.span, span) || in_entries() || node.items().iter().any(|n| holds(n, span))
}

fn find<'n>(node: &'n Tree, span: &Span) -> Option<&'n Tree> {
    if !contains(&node.span, span) {
        return None;
    }
    // The spans of two readings of one text are in two files; their bytes are the same.
    if node.span.start == span.start && node.span.end == span.end {
        return Some(node);
    }
    let in_entries = node.entries().iter().find_map(|e| find(&e.value, span));
    in_entries.or_else(|| node.items().iter().find_map(|n| find(n, span)))
}

/// The names that a value refers to.
pub(crate) fn references(node: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(node, &mut found);
    found
}

fn collect(node: &Node, found: &mut BTreeSet<String>) {
    for entry in node.entries() {
        match entry.key.as_str() {
            "Ref" => found.extend(entry.value.as_str().map(str::to_owned)),
            "Fn::GetAtt" => found.extend(entry.value.items().first().and_then(|n| n.as_str()).map(str::to_owned)),
            "Fn::Sub" => {
                let text = entry.value.as_str().or_else(|| entry.value.items().first()?.as_str());
                found.extend(names_in(text.unwrap_or("")).map(str::to_owned));
            }
            "DependsOn" => {
                let one = entry.value.as_str();
                let many = entry.value.items().iter().filter_map(|n| n.as_str());
                found.extend(one.into_iter().chain(many).map(str::to_owned));
            }
            _ => {}
        }
        collect(&entry.value, found);
    }
    node.items().iter().for_each(|item| collect(item, found));
}

/// The resources and parameters that a text of `Fn::Sub` names.
pub(crate) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let inserted = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    inserted.map(|(name, _)| name.split('.').next().unwrap_or(name)).filter(|n| !n.starts_with('!'))
}

/// A value as the text of an `Fn::Sub`; none if it has no such form.
pub(crate) fn sub_of(node: &Node) -> Option<String> {
    if let Some(text) = node.scalar() {
        return Some(escaped(&text));
    }
    let [only] = node.entries() else { return None };
    let items = only.value.items();
    match only.key.as_str() {
        "Ref" => Some(format!("${{{}}}", only.value.as_str()?)),
        "Fn::GetAtt" => {
            let parts: Option<Vec<_>> = items.iter().map(|n| n.as_str()).collect();
            Some(format!("${{{}}}", parts?.join(".")))
        }
        // With a map of its own, `Fn::Sub` gives names that mean nothing elsewhere.
        "Fn::Sub" => only.value.as_str().map(str::to_owned),
        "Fn::Join" => {
            let (by, parts) = (items.first()?.as_str()?, items.get(1)?);
            let parts: Option<Vec<_>> = parts.items().iter().map(|n| sub_of(n)).collect();
            Some(parts.filter(|p| !p.is_empty())?.join(&escaped(by)))
        }
        _ => None,
    }
}

/// Plain text as the text of an `Fn::Sub`.
pub(crate) fn escaped(text: &str) -> String {
    text.replace("${", "${!")
}
