//! Functions and layers.

use crate::build::Builder;
use crate::build::props::Props;
use crate::diagnostic::RefusedKind;
use crate::eval::text::text;
use crate::model::{Function, Layer, LayerRef, Spanned};

impl Builder<'_> {
    pub(super) fn sam_function(&mut self, props: &Props<'_>) {
        let code_uri = self.folder(props, "CodeUri");
        let inline_code = props.get("InlineCode").and_then(|n| n.scalar().map(|t| Spanned::new(t, n.span.clone())));
        if ["CodeUri", "InlineCode", "ImageUri"].iter().all(|key| props.node.get(key).is_none()) {
            props.missing("CodeUri");
        }
        if let (Some(_), Some(unused)) = (props.node.get("Role"), props.node.entry("Policies")) {
            let message = format!("`Policies` of `{}` has no effect: it has a `Role`", props.resource.id);
            let hint = "SAM leaves it aside: attach the policies to the role";
            self.report.list(RefusedKind::UnsupportedProperty, &unused.key_span, message, hint);
        }
        let role = match props.get("Role") {
            Some(_) => self.given_role(props),
            None if props.node.get("Role").is_some() => None,
            None => Some(self.implicit_role(props)),
        };
        self.function(props, code_uri, inline_code, role);
    }

    pub(super) fn lambda_function(&mut self, props: &Props<'_>) {
        if props.node.get("Code").is_none() {
            props.missing("Code");
        }
        let code = props.object("Code");
        let inline_code =
            code.and_then(|c| c.get("ZipFile")).and_then(|n| n.scalar().map(|t| Spanned::new(t, n.span.clone())));
        let code_uri = self.folder(props, "Code");
        let role = self.given_role(props);
        self.function(props, code_uri, inline_code, role);
    }

    /// The folder of a package. A bucket is where `sam package` put it: the folder is no longer known.
    fn folder(&self, props: &Props<'_>, key: &str) -> Spanned<String> {
        let node = props.get(key);
        let uri = node.and_then(|n| n.scalar()).unwrap_or_default();
        let bucket =
            node.is_some_and(|n| n.get("S3Bucket").is_some() || n.get("Bucket").is_some() || n.get("S3Key").is_some());
        if bucket || uri.starts_with("s3://") {
            let message = format!("the code of `{}` lies in a bucket", props.resource.id);
            self.report.refuse(RefusedKind::Unresolved, &props.span_of(key), message, "name the folder of the sources");
        }
        Spanned::new(uri, props.span_of(key))
    }

    /// `Role`: it must be one of the template's, or its permissions are not known.
    fn given_role(&self, props: &Props<'_>) -> Option<String> {
        let Some(arn) = props.string("Role") else {
            if props.node.get("Role").is_none() {
                props.missing("Role");
            }
            return None;
        };
        let roles = self.eval.template.resources.iter().filter(|r| r.kind == "AWS::IAM::Role" && self.exists(r));
        let found = roles.into_iter().find(|r| self.eval.arn(r).as_deref() == Ok(&arn));
        if let Some(role) = found {
            return Some(role.id.clone());
        }
        let of_sam = self.eval.template.resources.iter().find(|r| {
            r.kind == "AWS::Serverless::Function"
                && self.exists(r)
                && arn.ends_with(&crate::names::physical(&self.app.stack_name, &format!("{}Role", r.id), 64))
        });
        if let Some(function) = of_sam {
            return Some(format!("{}Role", function.id));
        }
        let message =
            format!("the role of `{}` is not in the template: what it allows is not known", props.resource.id);
        self.report.refuse(
            RefusedKind::Unresolved,
            &props.span_of("Role"),
            message,
            "declare the role in the template",
        );
        None
    }

    fn function(
        &mut self,
        props: &Props<'_>,
        code_uri: Spanned<String>,
        inline_code: Option<Spanned<String>>,
        role: Option<String>,
    ) {
        let Some(name) = self.name(props) else { return };
        for key in ["Runtime", "Handler"] {
            if props.node.get(key).is_none()
                && props.node.get("ImageUri").is_none()
                && props.string("PackageType").is_none()
            {
                props.missing(key);
            }
        }
        let reserved = props.number("ReservedConcurrentExecutions");
        let tmp = props.object("EphemeralStorage").unwrap_or(props.inside(props.node));
        let logging = props.object("LoggingConfig");
        let function = Function {
            tags: props.tags(),
            logical_id: props.id(),
            span: props.span(),
            arn: format!("arn:aws:lambda:{}:{}:function:{name}", self.app.region, self.app.account),
            code_uri,
            inline_code,
            handler: props.spanned("Handler", ""),
            runtime: props.spanned("Runtime", ""),
            env: environment(props),
            memory_mb: props.bounded("MemorySize", 128, 128, 10_240),
            timeout_secs: props.bounded("Timeout", 3, 1, 900),
            tmp_mb: tmp.bounded("Size", 512, 512, 10_240),
            reserved_concurrency: reserved.map(|n| Spanned::new(n, props.span_of("ReservedConcurrentExecutions"))),
            role: role.unwrap_or_default(),
            layers: self.layer_refs(props),
            architectures: match props.strings("Architectures") {
                given if given.is_empty() => vec!["x86_64".to_owned()],
                given => given,
            },
            alias: props.string("AutoPublishAlias"),
            log_group: logging.and_then(|l| l.string("LogGroup")).unwrap_or_else(|| format!("/aws/lambda/{name}")),
            name,
        };
        self.app.functions.push(function);
    }

    fn layer_refs(&self, props: &Props<'_>) -> Vec<Spanned<LayerRef>> {
        let own = |arn: &str| {
            let layers =
                self.eval.template.resources.iter().filter(|r| r.kind.ends_with("::LayerVersion") && self.exists(r));
            layers.into_iter().find(|r| self.eval.arn(r).as_deref() == Ok(arn)).map(|r| r.id.clone())
        };
        let reference = |arn: String| own(&arn).map_or(LayerRef::Published(arn), LayerRef::Local);
        props.list("Layers").iter().filter_map(|n| Some(Spanned::new(reference(n.scalar()?), n.span.clone()))).collect()
    }

    pub(super) fn layer(&mut self, props: &Props<'_>, content: &str) {
        let Some(name) = self.name(props) else { return };
        let layer = Layer {
            logical_id: props.id(),
            span: props.span(),
            name,
            content_uri: self.folder(props, content),
            compatible_runtimes: props.strings("CompatibleRuntimes"),
        };
        self.app.layers.push(layer);
    }
}

/// Environment variables; a dynamic reference to an `ssm-secure` parameter is refused by `CloudFormation` here.
fn environment(props: &Props<'_>) -> Vec<(String, Spanned<crate::model::Text>)> {
    let Some(variables) = props.node.at(&["Environment", "Variables"]) else { return Vec::new() };
    let mut out = Vec::new();
    for entry in variables.entries() {
        if let Some((why, span)) = entry.value.unknown() {
            props.report.unresolved(span, &format!("the environment variable `{}`", entry.key), why);
            continue;
        }
        match text(&entry.value) {
            Ok(value) => out.push((entry.key.clone(), Spanned::new(value, entry.value.span.clone()))),
            Err(why) => {
                props.report.syntax(&entry.value.span, format!("the environment variable `{}`: {why}", entry.key), "");
            }
        }
    }
    out
}
