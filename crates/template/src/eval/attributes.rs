//! What `Ref` and `Fn::GetAtt` answer for resources: a table by type.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html>, the
//! section "Return values" of each type.

use burgward_diag::Span;
use burgward_types::Arn;

use crate::eval::{Evaluator, unknown};
use crate::names;
use crate::template::Declared;
use crate::tree::{Kind, Node, Tree};

/// How a type is named: the property that names it and the longest name it may have; lowercase for buckets.
fn naming(kind: &str) -> Option<(&'static str, usize)> {
    Some(match kind {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => ("FunctionName", 64),
        "AWS::IAM::Role" => ("RoleName", 64),
        "AWS::IAM::Policy" => ("PolicyName", 128),
        "AWS::IAM::ManagedPolicy" => ("ManagedPolicyName", 128),
        "AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable" => ("TableName", 255),
        "AWS::S3::Bucket" => ("BucketName", 63),
        "AWS::SSM::Parameter" | "AWS::SecretsManager::Secret" => ("Name", 512),
        "AWS::Logs::LogGroup" => ("LogGroupName", 512),
        "AWS::SQS::Queue" => ("QueueName", 80),
        "AWS::SNS::Topic" => ("TopicName", 256),
        "AWS::Kinesis::Stream" | "AWS::Events::EventBus" => ("Name", 128),
        "AWS::Serverless::StateMachine" => ("Name", 80),
        "AWS::StepFunctions::StateMachine" => ("StateMachineName", 80),
        "AWS::Lambda::LayerVersion" | "AWS::Serverless::LayerVersion" => ("LayerName", 140),
        "AWS::ApiGateway::Stage" | "AWS::ApiGatewayV2::Stage" => ("StageName", 128),
        _ => return None,
    })
}

impl Evaluator<'_> {
    /// The physical name: the template's, or one made like CloudFormation's.
    pub(crate) fn physical_name(&self, resource: &Declared) -> Result<String, String> {
        let (property, limit) = naming(&resource.kind).unwrap_or(("", 64));
        let d = self.deployment;
        let made = || {
            let name = names::physical(&d.stack_name, &resource.id, limit.min(160));
            if resource.kind == "AWS::S3::Bucket" { name.to_lowercase() } else { name }
        };
        match self.own(resource, property) {
            None => Ok(made()),
            Some(node) => match (node.scalar(), node.unknown()) {
                (_, Some((why, _))) => Err(why.to_owned()),
                (Some(name), None) if name.contains("{{resolve:") => {
                    Err("its name is looked up at deployment".to_owned())
                }
                (Some(name), None) => Ok(name),
                _ => Err(format!("the name of `{}` is no text", resource.id)),
            },
        }
    }

    /// A property of a resource, evaluated; unknown if that needs the property itself.
    fn own(&self, resource: &Declared, property: &str) -> Option<Tree> {
        let written = resource.properties.get(property)?;
        let key = format!("{}.{property}", resource.id);
        if self.naming.borrow().contains(&key) {
            return Some(unknown(&written.span, format!("`{key}` refers to itself")));
        }
        self.naming.borrow_mut().push(key);
        let value = self.value(written);
        self.naming.borrow_mut().pop();
        value
    }

    /// `Ref` to a resource.
    pub(super) fn resource_reference(&self, name: &str, span: &Span) -> Tree {
        if let Some(resource) = self.existing(name, span) {
            return Self::answer(resource, self.ref_text(resource), span, name);
        }
        if let Some(value) = self.made_by_sam(name, span) {
            return value;
        }
        if self.template.resource(name).is_none() {
            let message = format!("`{name}` is neither a parameter nor a resource of the template");
            self.report.syntax(span, message, "check the spelling; names are case-sensitive");
        }
        unknown(span, format!("`{name}` does not exist"))
    }

    /// A resource whose condition holds.
    fn existing(&self, name: &str, span: &Span) -> Option<&Declared> {
        let resource = self.template.resource(name)?;
        let exists = resource.condition.as_ref().is_none_or(|(c, at)| self.holds(c, at));
        if !exists {
            let message = format!("`{name}` does not exist: its condition is false");
            self.report.syntax(span, message, "guard the reference with the same condition");
        }
        exists.then_some(resource)
    }

    fn answer(resource: &Declared, text: Result<String, String>, span: &Span, what: &str) -> Tree {
        match text {
            Ok(text) => Node::text(text, span),
            Err(why) if why.is_empty() => {
                unknown(span, format!("`{what}` belongs to a `{}`, which is not run here", resource.kind))
            }
            Err(why) => unknown(span, why),
        }
    }

    /// `X.Alias`, `XRole`, `XProdStage` ...: resources that SAM makes beside those of the template.
    fn made_by_sam(&self, name: &str, span: &Span) -> Option<Tree> {
        let d = self.deployment;
        let of = |suffix: &str, kind: &str| {
            name.strip_suffix(suffix).and_then(|id| self.template.resource(id)).filter(|r| r.kind == kind)
        };
        if of("Role", "AWS::Serverless::Function").or_else(|| of("Role", "AWS::Serverless::StateMachine")).is_some() {
            return Some(Node::text(names::physical(&d.stack_name, name, 64), span));
        }
        let function =
            of(".Alias", "AWS::Serverless::Function").or_else(|| of(".Version", "AWS::Serverless::Function"));
        if let Some(function) = function {
            let qualifier = if name.ends_with(".Alias") { self.alias(function) } else { Some("1".to_owned()) };
            let text = self.physical_name(function).map(|n| {
                format!("{}:{}", self.arn_of("lambda", &format!("function:{n}")), qualifier.unwrap_or_default())
            });
            return Some(Self::answer(function, text, span, name));
        }
        if of("Url", "AWS::Serverless::Function").is_some() {
            return Some(unknown(span, "function URLs are not served yet"));
        }
        let api = self.template.resources.iter().filter(|r| r.kind == "AWS::Serverless::Api");
        let stage = api.filter_map(|r| Some((r, name.strip_prefix(&r.id)?))).find_map(|(api, rest)| {
            let stage = self.own(api, "StageName")?.scalar()?;
            (rest == ".Stage" || rest == format!("{stage}Stage")).then_some(stage)
        });
        match (stage, name) {
            (Some(stage), _) => Some(Node::text(stage, span)),
            (None, "ServerlessRestApiProdStage") => Some(Node::text("Prod", span)),
            (None, "ServerlessUsagePlan" | "ServerlessApiKey") => {
                Some(Node::text(names::id(&d.stack_name, name, 10), span))
            }
            _ => None,
        }
    }

    fn alias(&self, function: &Declared) -> Option<String> {
        self.own(function, "AutoPublishAlias")?.scalar()
    }

    fn arn_of(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.deployment.region, self.deployment.account)
    }

    /// The id of an API or a part of one.
    pub(crate) fn id_of(&self, logical_id: &str) -> String {
        names::id(&self.deployment.stack_name, logical_id, 10)
    }

    /// The ARN; an empty error where the type has none here.
    pub(crate) fn arn(&self, r: &Declared) -> Result<String, String> {
        let name = || self.physical_name(r);
        let account = &self.deployment.account;
        Ok(match r.kind.as_str() {
            "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
                self.arn_of("lambda", &format!("function:{}", name()?))
            }
            "AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable" => {
                self.arn_of("dynamodb", &format!("table/{}", name()?))
            }
            "AWS::S3::Bucket" => format!("arn:aws:s3:::{}", name()?),
            "AWS::IAM::Role" => format!("arn:aws:iam::{account}:role{}{}", self.path(r), name()?),
            "AWS::IAM::ManagedPolicy" => format!("arn:aws:iam::{account}:policy{}{}", self.path(r), name()?),
            "AWS::SSM::Parameter" => self.arn_of("ssm", &format!("parameter/{}", name()?.trim_start_matches('/'))),
            "AWS::SecretsManager::Secret" => Arn::secret(account, &self.deployment.region, &name()?).into(),
            "AWS::Logs::LogGroup" => self.arn_of("logs", &format!("log-group:{}:*", name()?)),
            "AWS::Lambda::LayerVersion" | "AWS::Serverless::LayerVersion" => {
                self.arn_of("lambda", &format!("layer:{}:1", name()?))
            }
            "AWS::SQS::Queue" => self.arn_of("sqs", &name()?),
            "AWS::SNS::Topic" => self.arn_of("sns", &name()?),
            "AWS::Kinesis::Stream" => self.arn_of("kinesis", &format!("stream/{}", name()?)),
            "AWS::Events::EventBus" => self.arn_of("events", &format!("event-bus/{}", name()?)),
            "AWS::Serverless::StateMachine" | "AWS::StepFunctions::StateMachine" => {
                self.arn_of("states", &format!("stateMachine:{}", name()?))
            }
            _ => return Err(String::new()),
        })
    }

    /// A role's or policy's path.
    pub(crate) fn path(&self, resource: &Declared) -> String {
        let path = self.own(resource, "Path").and_then(|n| n.scalar());
        path.unwrap_or_else(|| "/".to_owned())
    }

    fn ref_text(&self, r: &Declared) -> Result<String, String> {
        match r.kind.as_str() {
            "AWS::SecretsManager::Secret"
            | "AWS::IAM::ManagedPolicy"
            | "AWS::SNS::Topic"
            | "AWS::Lambda::LayerVersion"
            | "AWS::Serverless::LayerVersion"
            | "AWS::Serverless::StateMachine"
            | "AWS::StepFunctions::StateMachine" => self.arn(r),
            "AWS::SQS::Queue" => {
                let d = self.deployment;
                Ok(format!("https://sqs.{}.amazonaws.com/{}/{}", d.region, d.account, self.physical_name(r)?))
            }
            kind if naming(kind).is_some() => self.physical_name(r),
            kind if kind.starts_with("AWS::ApiGateway") => Ok(self.id_of(&r.id)),
            "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => Ok(self.id_of(&r.id)),
            _ => Err(String::new()),
        }
    }

    /// `Fn::GetAtt`.
    pub(super) fn get_att(&self, argument: &Tree, span: &Span) -> Tree {
        let parts: Vec<_> = match &argument.kind {
            Kind::Seq(items) => items.iter().filter_map(|n| self.value(n)?.scalar()).collect(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Map(_) | Kind::Unknown(_) => {
                argument
                    .as_str()
                    .and_then(|t| t.split_once('.'))
                    .map_or_else(Vec::new, |(a, b)| vec![a.into(), b.into()])
            }
        };
        match parts.as_slice() {
            [resource, attribute] => self.attribute(resource, attribute, span),
            [resource, attribute, more] => self.attribute(resource, &format!("{attribute}.{more}"), span),
            _ => {
                self.report.syntax(
                    span,
                    "`Fn::GetAtt` takes a resource and an attribute",
                    "`!GetAtt Resource.Attribute`",
                );
                unknown(span, "`Fn::GetAtt` without its parts")
            }
        }
    }

    pub(super) fn attribute(&self, name: &str, attribute: &str, span: &Span) -> Tree {
        let full = format!("{name}.{attribute}");
        if let Some(resource) = self.existing(name, span) {
            if self.made_by_sam(&full, span).is_some() {
                return self.made_by_sam(&full, span).unwrap_or_else(|| unknown(span, "no such resource"));
            }
            return Self::answer(resource, self.attribute_text(resource, attribute), span, &full);
        }
        let role = name.strip_suffix("Role").and_then(|id| self.template.resource(id));
        let has_role =
            |r: &Declared| matches!(r.kind.as_str(), "AWS::Serverless::Function" | "AWS::Serverless::StateMachine");
        if role.is_some_and(has_role) && attribute == "Arn" {
            let d = self.deployment;
            return Node::text(
                format!("arn:aws:iam::{}:role/{}", d.account, names::physical(&d.stack_name, name, 64)),
                span,
            );
        }
        if let Some(value) = self.made_by_sam(name, span) {
            return value;
        }
        if self.template.resource(name).is_none() {
            self.report.syntax(
                span,
                format!("`{name}` is no resource of the template"),
                "check the spelling; names are case-sensitive",
            );
        }
        unknown(span, format!("`{name}` does not exist"))
    }

    fn attribute_text(&self, r: &Declared, attribute: &str) -> Result<String, String> {
        let d = self.deployment;
        let name = || self.physical_name(r);
        Ok(match (r.kind.as_str(), attribute) {
            (_, "Arn" | "TopicArn" | "Id" | "LayerVersionArn" | "PolicyArn") if self.arn(r).is_ok() => {
                return self.arn(r);
            }
            ("AWS::DynamoDB::Table", "StreamArn") => format!("{}/stream/2024-01-01T00:00:00.000", self.arn(r)?),
            ("AWS::S3::Bucket", "DomainName") => format!("{}.s3.amazonaws.com", name()?),
            ("AWS::S3::Bucket", "RegionalDomainName") => format!("{}.s3.{}.amazonaws.com", name()?, d.region),
            ("AWS::S3::Bucket", "WebsiteURL") => format!("http://{}.s3-website-{}.amazonaws.com", name()?, d.region),
            ("AWS::IAM::Role", "RoleId") => format!("AROA{}", names::id(&d.stack_name, &r.id, 17).to_uppercase()),
            ("AWS::SQS::Queue", "QueueUrl") => return self.ref_text(r),
            ("AWS::SQS::Queue", "QueueName")
            | ("AWS::SNS::Topic", "TopicName")
            | (
                "AWS::Serverless::StateMachine" | "AWS::StepFunctions::StateMachine" | "AWS::Events::EventBus",
                "Name",
            ) => name()?,
            ("AWS::ApiGateway::RestApi" | "AWS::Serverless::Api", "RootResourceId") => {
                self.id_of(&format!("{}/", r.id))
            }
            ("AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi", "ApiEndpoint") => {
                format!("https://{}.execute-api.{}.amazonaws.com", self.id_of(&r.id), d.region)
            }
            ("AWS::ApiGateway::RestApi", "RestApiId")
            | ("AWS::ApiGatewayV2::Api", "ApiId")
            | ("AWS::ApiGateway::Deployment", "DeploymentId")
            | ("AWS::ApiGateway::Resource", "ResourceId")
            | ("AWS::ApiGateway::Authorizer" | "AWS::ApiGatewayV2::Authorizer", "AuthorizerId")
            | ("AWS::ApiGateway::ApiKey", "APIKeyId") => self.id_of(&r.id),
            ("AWS::SSM::Parameter", "Value" | "Type") => {
                let node = self.own(r, attribute).ok_or("the parameter has no value")?;
                let why = node.unknown().map_or("it is no text", |(why, _)| why);
                node.scalar().ok_or_else(|| why.to_owned())?
            }
            _ => return Err(String::new()),
        })
    }
}
