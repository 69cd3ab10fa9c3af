//! The policy of a table, secret, queue or topic lets anybody in.
//!
//! ## What it does
//! Asks the policy engine whether a caller without a name may do what a statement of a resource's policy allows;
//! conditions and denials count. It looks at tables, secrets, queues and topics.
//!
//! ## Why is this bad?
//! Every AWS account in the world may do it: read the secret, fill the queue that starts your functions, take its
//! messages away.
//!
//! ## Example
//! ```yaml
//! - {Effect: Allow, Principal: '*', Action: sqs:SendMessage, Resource: !GetAtt Jobs.Arn}
//! ```
//!
//! ## Use instead
//! ```yaml
//! - Effect: Allow
//!   Principal: {Service: sns.amazonaws.com}
//!   Action: sqs:SendMessage
//!   Resource: !GetAtt Jobs.Arn
//!   Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}
//! ```
//!
//! ## References
//! - [Identity-based and resource-based policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html)
//! - SAS-03 Insecure serverless deployment configuration, OWASP-S5, CWE-732

use burgward_diag::{Severity, Span};
use burgward_template::model::ResourcePolicy;
use burgward_template::tree::Node;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::strangers::openings;
use crate::view::{View, settled};

pub(super) const META: Meta = Meta {
    severity: Severity::High,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-03", "OWASP-S5", "CWE-732"],
    why: "every AWS account may do what the statement allows",
    help: "name the principals, and for services add a condition on `aws:SourceArn` or `aws:SourceAccount`",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let tables = view.app.tables.iter().map(|t| (&t.logical_id, &t.arn, &t.resource_policy));
    let secrets = view.app.secrets.iter().map(|s| (&s.logical_id, &s.arn, &s.resource_policy));
    for (id, arn, policy) in tables.chain(secrets) {
        if let Some(policy) = policy {
            of_model(view, id, arn, policy, report);
        }
    }
    for kind in ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"] {
        for (entry, properties) in view.resources(kind) {
            if let Some(document) = properties.get("PolicyDocument") {
                as_written(view, &entry.key, document, report);
            }
        }
    }
}

fn of_model(view: &View<'_>, id: &str, arn: &str, policy: &ResourcePolicy, report: &mut Report) {
    for opening in openings(&policy.document, arn) {
        let statement = policy.statement_spans.get(opening.statement).unwrap_or(&policy.span);
        found(view, id, statement, &opening.action, report);
    }
}

/// Policies of resources that the model does not carry, read as they are written.
fn as_written(view: &View<'_>, id: &str, document: &Node, report: &mut Report) {
    for opening in openings(&settled(document), "arn:aws:sqs:us-east-1:123456789012:x") {
        let Some(statements) = document.get("Statement") else { continue };
        let statement = statements.items().get(opening.statement).unwrap_or(statements);
        found(view, id, &statement.span, &opening.action, report);
    }
}

fn found(view: &View<'_>, id: &str, statement: &Span, action: &str, report: &mut Report) {
    let title = format!("`{id}` lets anybody call `{action}`");
    report.push(Draft::at(&view.point(statement, "Principal", 0), title).label("anybody"));
}
