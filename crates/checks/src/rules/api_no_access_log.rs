//! An API keeps no access log.
//!
//! ## What it does
//! Looks for APIs whose stage has no access log.
//!
//! ## Why is this bad?
//! After an incident nobody can say who called what: functions log what they were written to log, and requests that an
//! authorizer or a throttle refused never reach one.
//!
//! ## Example
//! ```yaml
//! Api: {Type: AWS::Serverless::HttpApi}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Api:
//!   Type: AWS::Serverless::HttpApi
//!   Properties:
//!     AccessLogSettings: {DestinationArn: !GetAtt AccessLog.Arn, Format: '$context.requestId $context.status'}
//! ```
//!
//! ## References
//! - [FSBP APIGateway.9: access logging should be configured](https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html#apigateway-9)
//! - SAS-05 Inadequate function monitoring and logging, OWASP-S10, CWE-778

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Low,
    confidence: Confidence::High,
    persona: Persona::Pedantic,
    tags: &["SAS-05", "OWASP-S10", "CWE-778"],
    why: "after an incident nobody can say who called what; refused requests leave no trace at all",
    help: "set `AccessLogSetting` of a REST API's stage, `AccessLogSettings` of an HTTP API's",
};

/// Types of APIs and stages, the property that names the log, and the section of `Globals` that may.
const STAGES: [(&str, &str, &str); 4] = [
    ("AWS::Serverless::Api", "AccessLogSetting", "Api"),
    ("AWS::Serverless::HttpApi", "AccessLogSettings", "HttpApi"),
    ("AWS::ApiGateway::Stage", "AccessLogSetting", ""),
    ("AWS::ApiGatewayV2::Stage", "AccessLogSettings", ""),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (kind, key, global) in STAGES {
        if view.global(&[global, key]).is_some() {
            continue;
        }
        for (entry, _) in view.resources(kind).filter(|(_, properties)| properties.get(key).is_none()) {
            report.push(Draft::at(&entry.key_span, format!("`{}` keeps no access log", entry.key)));
        }
    }
    // APIs that SAM makes for events are not written anywhere.
    let implied = |id: &str| !view.section("Resources").iter().any(|e| e.key == id);
    for api in view.app.apis.iter().filter(|api| !api.stage.access_log && implied(&api.logical_id)) {
        report.push(Draft::at(&api.span, format!("`{}` keeps no access log", api.logical_id)));
    }
}
