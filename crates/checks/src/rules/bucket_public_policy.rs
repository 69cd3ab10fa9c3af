//! A bucket's policy lets anybody in.
//!
//! ## What it does
//! Asks the policy engine whether a caller without a name may do what a statement of the bucket's policy allows;
//! conditions and denials count. If S3's Block Public Access still holds the policy back, the severity is low.
//!
//! ## Why is this bad?
//! Objects are read (or written) by everybody. Block Public Access is one switch away from not helping any more, and as
//! long as it is on, S3 refuses such a policy and the deployment fails.
//!
//! ## Example
//! ```yaml
//! - {Effect: Allow, Principal: '*', Action: s3:GetObject, Resource: !Sub '${Files.Arn}/*'}
//! ```
//!
//! ## Use instead
//! ```yaml
//! - Effect: Allow
//!   Principal: {Service: cloudfront.amazonaws.com}
//!   Action: s3:GetObject
//!   Resource: !Sub '${Files.Arn}/*'
//!   Condition: {StringEquals: {aws:SourceArn: !Sub 'arn:aws:cloudfront::${AWS::AccountId}:distribution/${Cdn}'}}
//! ```
//!
//! ## References
//! - [The meaning of "public"](https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status)
//! - SAS-03 Insecure serverless deployment configuration, OWASP-S6, CWE-732

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

use crate::strangers::openings;

pub(super) const META: Meta = Meta {
    severity: Severity::High,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-03", "OWASP-S6", "CWE-732"],
    why: "everybody can do with the bucket what the statement allows",
    help: "name who may, or put CloudFront with an origin access control in front of the bucket",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for bucket in &view.app.buckets {
        let Some(policy) = &bucket.policy else { continue };
        let block = bucket.public_access_block;
        let held_back = block.block_public_policy || block.restrict_public_buckets;
        for opening in openings(&policy.document, &bucket.arn) {
            let statement = policy.statement_spans.get(opening.statement).unwrap_or(&policy.span);
            let but = if held_back { "; only Block Public Access holds it back" } else { "" };
            let title = format!("`{}` lets anybody call `{}`{but}", bucket.logical_id, opening.action);
            let severity = if held_back { Severity::Low } else { Severity::High };
            let draft = Draft::at(&view.point(statement, "Principal", 0), title).severity(severity).label("anybody");
            report.push(draft.related(&bucket.span, "the bucket"));
        }
    }
}
