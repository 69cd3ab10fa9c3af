//! SAM's `Globals`: defaults that every resource of a type gets, merged before any intrinsic is evaluated.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>

use crate::report::Report;
use crate::template::{Declared, Template};
use crate::tree::{Kind, Node, Tree};

const FUNCTION: &str = "Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig Environment Tags \
     PropagateTags Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers DeploymentPreference RolePath \
     PermissionsBoundary ReservedConcurrentExecutions ProvisionedConcurrencyConfig AssumeRolePolicyDocument \
     EventInvokeConfig FileSystemConfigs CodeSigningConfigArn Architectures SnapStart EphemeralStorage FunctionUrlConfig \
     RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn TenancyConfig DurableConfig \
     CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished VersionDeletionPolicy";
const API: &str = "Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables \
     EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses AccessLogSetting \
     CanarySetting TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags SecurityPolicy EndpointAccessMode";
const HTTP_API: &str = "Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain \
     RouteSettings FailOnWarnings PropagateTags";
const CAPACITY: &str = "VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn PropagateTags";
const WEBSOCKET: &str = "AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings DisableExecuteApiEndpoint \
     DisableSchemaValidation Domain FailOnWarnings IpAddressType PropagateTags RouteSelectionExpression RouteSettings \
     StageVariables Tags";

/// Entries that merging may make in all.
const MOST_ENTRIES: usize = 1 << 20;

/// What each section may hold.
fn supported(section: &str) -> Option<&'static str> {
    Some(match section {
        "Function" => FUNCTION,
        "Api" => API,
        "HttpApi" => HTTP_API,
        "SimpleTable" => "SSESpecification",
        "StateMachine" => "PropagateTags",
        "LayerVersion" => "PublishLambdaVersion",
        "CapacityProvider" => CAPACITY,
        "WebSocketApi" => WEBSOCKET,
        _ => return None,
    })
}

/// Merges the `Globals` into all resources.
pub(crate) fn apply(template: &mut Template, report: &Report) {
    let Some(globals) = template.globals.clone() else { return };
    check(&globals, report);
    let mut budget = MOST_ENTRIES;
    for resource in &mut template.resources {
        let Some(section) = resource.kind.strip_prefix("AWS::Serverless::") else { continue };
        if let Some(defaults) = globals.get(section) {
            let defaults = without_ignored(defaults, resource, report);
            resource.properties = merge(&defaults, &resource.properties, &mut budget);
        }
    }
}

fn check(globals: &Node, report: &Report) {
    for section in globals.entries() {
        let Some(known) = supported(&section.key) else {
            let message = format!("`{}` is not supported in `Globals`", section.key);
            report.syntax(
                &section.key_span,
                message,
                "Function, Api, HttpApi, SimpleTable and a few more may have defaults",
            );
            continue;
        };
        for property in section.value.entries() {
            if !known.split_whitespace().any(|k| k == property.key) {
                let message = format!("`{}` is not a supported property of `Globals.{}`", property.key, section.key);
                report.syntax(&property.key_span, message, "set it on each resource");
            }
        }
    }
}

/// `IgnoreGlobals`: `*`, or the names of properties.
fn without_ignored(defaults: &Tree, resource: &Declared, report: &Report) -> Tree {
    let Some(ignored) = &resource.ignore_globals else { return defaults.clone() };
    if ignored.as_str() == Some("*") {
        return Node::empty_map(&defaults.span);
    }
    if ignored.items().is_empty() {
        report.syntax(&ignored.span, "`IgnoreGlobals` is neither `*` nor a list", "name the properties to ignore");
    }
    let names: Vec<_> = ignored.items().iter().filter_map(|n| n.as_str()).collect();
    let kept = defaults.entries().iter().filter(|e| !names.contains(&e.key.as_str())).cloned().collect();
    Node::new(Kind::Map(kept), defaults.span.clone())
}

/// Mappings merge, lists are joined (global first), all else is the resource's own. An intrinsic counts as a scalar.
fn merge(global: &Tree, local: &Tree, budget: &mut usize) -> Tree {
    let size = global.entries().len() + global.items().len();
    *budget = budget.saturating_sub(size);
    if *budget == 0 {
        return Node::new(Kind::Unknown("`Globals` are too large to be merged".to_owned()), local.span.clone());
    }
    match (&global.kind, &local.kind) {
        (Kind::Map(defaults), Kind::Map(own)) if !is_intrinsic(global) && !is_intrinsic(local) => {
            let mut merged = defaults.clone();
            for entry in own {
                match merged.iter_mut().find(|e| e.key == entry.key) {
                    Some(existing) => {
                        existing.value = merge(&existing.value, &entry.value, budget);
                        existing.key_span = entry.key_span.clone();
                    }
                    None => merged.push(entry.clone()),
                }
            }
            Node::new(Kind::Map(merged), local.span.clone())
        }
        (Kind::Seq(defaults), Kind::Seq(own)) => {
            Node::new(Kind::Seq(defaults.iter().chain(own).cloned().collect()), local.span.clone())
        }
        _ => local.clone(),
    }
}

/// One key that is `Ref`, `Condition` or `Fn::...`.
pub(crate) fn is_intrinsic(node: &Node) -> bool {
    matches!(node.entries(), [only] if only.key == "Ref" || only.key == "Condition" || only.key.starts_with("Fn::"))
}
