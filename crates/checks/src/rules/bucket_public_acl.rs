//! A bucket's access control list lets anybody in.
//!
//! ## What it does
//! Looks for buckets with `AccessControl` of `PublicRead`, `PublicReadWrite` (critical) or `AuthenticatedRead`, which means
//! every AWS account. If Block Public Access still holds the list back, the severity is low.
//!
//! ## Why is this bad?
//! Everybody lists the bucket; with `PublicReadWrite` everybody also puts objects there, which then start functions.
//!
//! ## Example
//! ```yaml
//! Properties: {AccessControl: PublicRead}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Properties: {}   # private, as S3 makes it
//! ```
//!
//! ## References
//! - [Access control list overview](https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl)
//! - SAS-03 Insecure serverless deployment configuration, OWASP-S6, CWE-732

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::High,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-03", "OWASP-S6", "CWE-732"],
    why: "everybody lists the bucket, and with `PublicReadWrite` everybody puts objects there",
    help: "remove `AccessControl`; put CloudFront in front of what the public is to see",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (entry, properties) in view.resources("AWS::S3::Bucket") {
        let Some(list) = properties.get("AccessControl") else { continue };
        let (severity, who) = match list.as_str() {
            Some("PublicReadWrite") => (Severity::Critical, "anybody read and write"),
            Some("PublicRead") => (Severity::High, "anybody read"),
            Some("AuthenticatedRead") => (Severity::High, "every AWS account read"),
            _ => continue,
        };
        let block = properties.get("PublicAccessBlockConfiguration");
        let on = |key: &str| block.and_then(|b| b.get(key)).is_none_or(|n| n.as_bool() != Some(false));
        let held_back = block.is_some() && (on("BlockPublicAcls") || on("IgnorePublicAcls"));
        let title = format!("`{}` lets {who} by its access control list", entry.key);
        let severity = if held_back { Severity::Low } else { severity };
        report.push(Draft::at(&list.span, title).severity(severity));
    }
}
