//! Systems Manager parameters and Secrets Manager secrets.

use crate::build::Builder;
use crate::build::props::Props;
use crate::build::storage::refuse_second;
use crate::diagnostic::RefusedKind;
use crate::model::{Generate, SecretEntry, SecretValue, SsmParameter};
use crate::template::Declared;

impl Builder<'_> {
    pub(super) fn parameter(&mut self, props: &Props<'_>) {
        let Some(name) = self.name(props) else { return };
        let kind = props.string("Type").unwrap_or_else(|| "String".to_owned());
        if kind != "String" && kind != "StringList" {
            let message = format!("CloudFormation makes no parameter of type `{kind}`");
            self.report.syntax(&props.span_of("Type"), message, "use a secret, or make the parameter outside");
        }
        let Some(value) = props.text("Value") else {
            if props.node.get("Value").is_none() {
                props.missing("Value");
            }
            return;
        };
        let parameter = SsmParameter {
            tags: props.tags(),
            logical_id: props.id(),
            span: props.span(),
            arn: format!(
                "arn:aws:ssm:{}:{}:parameter/{}",
                self.app.region,
                self.app.account,
                name.trim_start_matches('/')
            ),
            name,
            kind,
            value,
            description: props.string("Description"),
            allowed_pattern: props.string("AllowedPattern"),
        };
        self.app.parameters.push(parameter);
    }

    pub(super) fn secret(&mut self, props: &Props<'_>) {
        let (Ok(name), Ok(arn)) = (self.eval.physical_name(props.resource), self.eval.arn(props.resource)) else {
            return self.report.unresolved(
                &props.span(),
                "the secret's name",
                "it depends on a value that is not known",
            );
        };
        let secret = SecretEntry {
            tags: props.tags(),
            logical_id: props.id(),
            span: props.span(),
            name,
            arn,
            value: secret_value(props),
            description: props.string("Description"),
            kms_key: None,
            resource_policy: None,
        };
        self.app.secrets.push(secret);
    }

    /// `AWS::SecretsManager::ResourcePolicy`, once all secrets are there.
    pub(super) fn attach_secret_policies(&mut self, existing: &[&Declared]) {
        for resource in existing.iter().filter(|r| r.kind == "AWS::SecretsManager::ResourcePolicy") {
            let Some(node) = self.known(&resource.properties, &resource.id) else { continue };
            let props = Props { node: &node, resource, report: self.report };
            let id = props.string("SecretId").unwrap_or_default();
            let secret = self.app.secrets.iter_mut().find(|s| s.arn == id || s.name == id);
            match (secret, props.get("ResourcePolicy")) {
                (Some(secret), Some(document)) => match &secret.resource_policy {
                    Some(first) => refuse_second(&props, "secret", &secret.logical_id, &first.span),
                    None => secret.resource_policy = Some(Self::resource_policy(document)),
                },
                (None, _) => self.report.unresolved(
                    &props.span_of("SecretId"),
                    "the secret of this policy",
                    "it is not in the template",
                ),
                (_, None) => props.missing("ResourcePolicy"),
            }
        }
    }
}

fn secret_value(props: &Props<'_>) -> SecretValue {
    if let Some(text) = props.text("SecretString") {
        return SecretValue::Text(text);
    }
    let Some(generate) = props.object("GenerateSecretString") else { return SecretValue::Empty };
    let flag = |key: &str| generate.flag(key).unwrap_or(false);
    let (template, key) = (generate.text("SecretStringTemplate"), generate.string("GenerateStringKey"));
    if template.is_some() != key.is_some() {
        let message = "`SecretStringTemplate` and `GenerateStringKey` belong together";
        props.report.refuse(RefusedKind::Syntax, &generate.node.span, message, "give both or none");
    }
    SecretValue::Generate(Generate {
        template,
        key,
        length: generate.number("PasswordLength").unwrap_or(32),
        exclude_characters: generate.string("ExcludeCharacters").unwrap_or_default(),
        exclude_lowercase: flag("ExcludeLowercase"),
        exclude_uppercase: flag("ExcludeUppercase"),
        exclude_numbers: flag("ExcludeNumbers"),
        exclude_punctuation: flag("ExcludePunctuation"),
        include_space: flag("IncludeSpace"),
        require_each_included_type: generate.flag("RequireEachIncludedType").unwrap_or(true),
    })
}
