//! A bucket answers over plain HTTP.
//!
//! ## What it does
//! Asks the policy engine whether the bucket's policy denies a call over plain HTTP.
//!
//! ## Why is this bad?
//! S3 serves HTTP as well as HTTPS. A client that is set up wrongly sends its objects readable by everybody on the way.
//!
//! ## Example
//! ```yaml
//! Files: {Type: AWS::S3::Bucket}
//! ```
//!
//! ## Use instead
//! ```yaml
//! - Effect: Deny
//!   Principal: '*'
//!   Action: s3:*
//!   Resource: [!GetAtt Files.Arn, !Sub '${Files.Arn}/*']
//!   Condition: {Bool: {aws:SecureTransport: false}}
//! ```
//!
//! ## References
//! - [FSBP S3.5: buckets should require requests to use SSL](https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-5)
//! - SAS-03 Insecure serverless deployment configuration, OWASP-S3, CWE-319

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

use crate::strangers::denies_plain_http;

pub(super) const META: Meta = Meta {
    severity: Severity::Low,
    confidence: Confidence::High,
    persona: Persona::Pedantic,
    tags: &["SAS-03", "OWASP-S3", "CWE-319"],
    why: "a client that is set up wrongly sends its objects readable by everybody on the way",
    help: "deny `s3:*` where `aws:SecureTransport` is false in the bucket's policy",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for bucket in &view.app.buckets {
        if !bucket.policy.as_ref().is_some_and(|p| denies_plain_http(&p.document, &bucket.arn)) {
            report.push(Draft::at(&bucket.span, format!("`{}` can be used over plain HTTP", bucket.logical_id)));
        }
    }
}
