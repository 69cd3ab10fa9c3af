//! A template's sections.

use burgward_diag::Span;

use crate::diagnostic::RefusedKind;
use crate::report::Report;
use crate::tree::{Node, Tree};

/// A template, its sections apart.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) parameters: Tree,
    pub(crate) mappings: Tree,
    pub(crate) conditions: Tree,
    pub(crate) globals: Option<Tree>,
    pub(crate) outputs: Tree,
    pub(crate) resources: Vec<Declared>,
    pub(crate) sam: bool,
}

/// A resource as declared, Globals merged.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// From the logical id to the end of the resource.
    pub(crate) span: Span,
    /// The logical id alone.
    pub(crate) id_span: Span,
    pub(crate) properties: Tree,
    pub(crate) condition: Option<(String, Span)>,
    pub(crate) ignore_globals: Option<Tree>,
}

/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const MOST_RESOURCES: usize = 500;

const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Globals",
    "Resources",
    "Outputs",
];

const ATTRIBUTES: [&str; 11] = [
    "Type",
    "Description",
    "Properties",
    "DependsOn",
    "Condition",
    "Metadata",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "UpdatePolicy",
    "CreationPolicy",
    "IgnoreGlobals",
];

impl Template {
    /// Takes a document apart.
    pub(crate) fn new(root: &Tree, report: &Report) -> Self {
        let section = |name: &str| root.get(name).cloned().unwrap_or_else(|| Node::empty_map(&root.span));
        for entry in root.entries().iter().filter(|e| !SECTIONS.contains(&e.key.as_str()) && e.key != "Hooks") {
            let hint = format!("the sections are {}", SECTIONS.join(", "));
            report.syntax(&entry.key_span, format!("`{}` is no section of a template", entry.key), hint);
        }
        let mut sam = transforms(root, report);
        if let Some(rules) = root.entry("Rules") {
            let hint = "their assertions may stop a deployment on AWS: remove them for local runs";
            report.refuse(RefusedKind::UnsupportedProperty, &rules.key_span, "`Rules` are not checked here", hint);
        }
        let resources: Vec<Declared> = match root.get("Resources") {
            Some(node) if !node.entries().is_empty() => {
                if node.entries().len() > MOST_RESOURCES {
                    let message = format!("the template has {} resources", node.entries().len());
                    report.syntax(&node.span, message, format!("CloudFormation takes {MOST_RESOURCES} at most"));
                }
                node.entries().iter().take(MOST_RESOURCES).filter_map(|e| declared(e, report)).collect()
            }
            _ => {
                report.syntax(&root.span, "the template has no `Resources`", "a template needs at least one resource");
                Vec::new()
            }
        };
        if let Some(first) = resources.iter().find(|r| !sam && r.kind.starts_with("AWS::Serverless::")) {
            let message =
                format!("`{}` is a SAM resource, but the template does not ask for the SAM transform", first.id);
            report.syntax(&first.id_span, message, "add `Transform: AWS::Serverless-2016-10-31`");
            sam = true;
        }
        check_dependencies(root, &resources, report);
        Self {
            parameters: section("Parameters"),
            mappings: section("Mappings"),
            conditions: section("Conditions"),
            globals: root.get("Globals").cloned(),
            outputs: section("Outputs"),
            resources,
            sam,
        }
    }

    /// The resource with this logical id.
    pub(crate) fn resource(&self, id: &str) -> Option<&Declared> {
        self.resources.iter().find(|r| r.id == id)
    }
}

/// `DependsOn` orders a deployment; here it only has to name resources that exist.
fn check_dependencies(root: &Tree, resources: &[Declared], report: &Report) {
    for body in root.get("Resources").map_or(&[][..], |n| n.entries()).iter().map(|e| &e.value) {
        let Some(node) = body.get("DependsOn") else { continue };
        let single = [node.clone()];
        let names = if node.items().is_empty() { &single[..] } else { node.items() };
        for name in names {
            let text = name.scalar().unwrap_or_default();
            // SAM renames and adds resources, so a name that starts like one of the template's may exist.
            if !resources.iter().any(|r| text.starts_with(&r.id)) && !text.starts_with("Serverless") {
                let message = format!("`DependsOn` names `{text}`, which is no resource of the template");
                report.syntax(&name.span, message, "check the spelling; names are case-sensitive");
            }
        }
    }
}

/// Whether the SAM transform is asked for; other macros are refused.
fn transforms(root: &Tree, report: &Report) -> bool {
    let Some(node) = root.get("Transform") else { return false };
    let single = [node.clone()];
    let all = if node.items().is_empty() { &single[..] } else { node.items() };
    let mut sam = false;
    for transform in all {
        match transform.scalar().as_deref() {
            Some("AWS::Serverless-2016-10-31") => sam = true,
            Some("AWS::LanguageExtensions" | "AWS::SecretsManager-2020-07-23" | "AWS::SecretsManager-2024-09-16") => {}
            other => {
                let message = format!("the macro `{}` is not known", other.unwrap_or("AWS::Include"));
                report.refuse(
                    RefusedKind::UnsupportedProperty,
                    &transform.span,
                    message,
                    "a macro may rewrite the template: give its output instead",
                );
            }
        }
    }
    sam
}

fn declared(entry: &crate::tree::Entry, report: &Report) -> Option<Declared> {
    let body = &entry.value;
    if entry.key.starts_with("Fn::ForEach") {
        let message = format!("`{}` is not unrolled", entry.key);
        report.refuse(RefusedKind::UnsupportedProperty, &entry.key_span, message, "write the resources out");
        return None;
    }
    let Some(kind) = body.get("Type").and_then(|n| n.scalar()) else {
        report.syntax(&entry.key_span, format!("`{}` has no `Type`", entry.key), "every resource names its type");
        return None;
    };
    for attribute in body.entries().iter().filter(|e| !ATTRIBUTES.contains(&e.key.as_str())) {
        let message = format!("`{}` is no attribute of a resource", attribute.key);
        let known = attribute.key == "Connectors" || attribute.key.starts_with("Fn::Transform");
        let hint = if known {
            "write the resources that it makes"
        } else {
            "settings of a resource belong below `Properties`"
        };
        report.syntax(&attribute.key_span, message, hint);
    }
    Some(Declared {
        id: entry.key.clone(),
        kind,
        span: Span { end: body.span.end.max(entry.key_span.end), ..entry.key_span.clone() },
        id_span: entry.key_span.clone(),
        properties: body.get("Properties").cloned().unwrap_or_else(|| Node::empty_map(&entry.key_span)),
        condition: body.get("Condition").and_then(|n| n.scalar().map(|c| (c, n.span.clone()))),
        ignore_globals: body.get("IgnoreGlobals").cloned(),
    })
}
