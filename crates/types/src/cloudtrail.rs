//! An audit record in the words of CloudTrail, so that tools that read CloudTrail read it as well.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde_json::{Map, Value, json};

use crate::{AuditRecord, Principal, RecordKind};

impl AuditRecord {
    /// The event as CloudTrail writes it. What CloudTrail has no field for, the decisions above all, stands in
    /// `additionalEventData`.
    #[must_use]
    pub fn to_cloudtrail(&self, sequence: u64) -> Value {
        let mut event = json!({
            "eventVersion": "1.10",
            "userIdentity": self.identity(),
            "eventTime": self.event_time.iso8601(),
            "eventSource": self.event_source,
            "eventName": self.event_name,
            "awsRegion": self.aws_region,
            "sourceIPAddress": self.source,
            "userAgent": self.user_agent,
            "requestID": self.request_id,
            "eventID": format!("{}-{sequence}", self.request_id),
            "readOnly": self.read_only,
            "eventType": match self.kind {
                RecordKind::AwsApiCall => "AwsApiCall",
                RecordKind::GatewayRequest | RecordKind::Invocation | RecordKind::Operator => "AwsServiceEvent",
            },
            "recipientAccountId": self.principal.account(),
            "additionalEventData": {
                "kind": self.kind,
                "sequence": sequence,
                "decisions": self.decisions,
                "detail": self.detail,
            },
        });
        let optional = [("errorCode", &self.error_code), ("errorMessage", &self.error_message)];
        for (name, value) in optional {
            if let (Some(value), Some(event)) = (value, event.as_object_mut()) {
                event.insert(name.to_owned(), json!(value));
            }
        }
        event
    }

    fn identity(&self) -> Value {
        let (kind, issuer) = match &self.principal {
            Principal::Root(_) => ("Root", None),
            Principal::User { .. } => ("IAMUser", None),
            Principal::Role { .. } => ("Role", None),
            Principal::AssumedRole { account, role, .. } => {
                let arn = format!("arn:aws:iam::{account}:role/{role}");
                ("AssumedRole", Some(json!({"type": "Role", "arn": arn, "accountId": account, "userName": role})))
            }
            Principal::FederatedUser { .. } => ("FederatedUser", None),
            Principal::Federated(_) => ("WebIdentityUser", None),
            Principal::Service(name) => return json!({"type": "AWSService", "invokedBy": name}),
            Principal::Anonymous => ("Unknown", None),
        };
        let mut identity = Map::new();
        identity.insert("type".to_owned(), json!(kind));
        identity.insert("arn".to_owned(), json!(self.principal.arn()));
        identity.insert("accountId".to_owned(), json!(self.principal.account()));
        if let Some(key) = &self.access_key_id {
            identity.insert("accessKeyId".to_owned(), json!(key));
        }
        if let Some(issuer) = issuer {
            identity.insert("sessionContext".to_owned(), json!({"sessionIssuer": issuer}));
        }
        Value::Object(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, RequestId, Timestamp};

    #[test]
    fn a_function_is_an_assumed_role() {
        let account = AccountId::parse("123456789012").unwrap();
        let record = AuditRecord {
            kind: RecordKind::AwsApiCall,
            event_time: Timestamp(1_795_350_896_789),
            event_source: "s3.amazonaws.com".into(),
            event_name: "GetObject".into(),
            request_id: RequestId::from_text("r"),
            principal: Principal::AssumedRole { account, role: "reader".into(), session: "f".into() },
            access_key_id: Some("ASIA".into()),
            source: "sb-00000001".into(),
            user_agent: None,
            aws_region: "us-east-1".into(),
            error_code: None,
            error_message: None,
            read_only: true,
            decisions: Vec::new(),
            detail: Value::Null,
        };
        let event = record.to_cloudtrail(7);
        assert_eq!(event["eventTime"], "2026-11-22T12:34:56Z");
        assert_eq!(event["userIdentity"]["type"], "AssumedRole");
        assert_eq!(event["userIdentity"]["arn"], "arn:aws:sts::123456789012:assumed-role/reader/f");
        assert_eq!(event["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], "reader");
        assert!(event.get("errorCode").is_none());
    }
}
