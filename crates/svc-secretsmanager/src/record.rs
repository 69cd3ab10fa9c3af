//! A secret as it is kept.

use burgward_types::{Secret, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// The label of the version in use.
pub(crate) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was in use before.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";
/// How many versions without a label are kept.
const UNLABELLED: usize = 20;

/// One version of a secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) stages: Vec<String>,
    pub(crate) created: Timestamp,
}

/// A secret without its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) created: Timestamp,
    pub(crate) changed: Timestamp,
    /// When it ends, once it is marked for deletion.
    pub(crate) deleted: Option<Timestamp>,
    /// Oldest first.
    pub(crate) versions: Vec<Version>,
}

impl Record {
    /// The version that has a label.
    pub(crate) fn staged(&self, stage: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.stages.iter().any(|own| own == stage))
    }

    /// Adds a version and moves labels to it; the version that was current becomes the previous one.
    ///
    /// Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>
    pub(crate) fn add(&mut self, id: &str, stages: &[String], at: Timestamp) {
        let mut stages = stages.to_vec();
        let takes_over = self.staged(CURRENT).is_none() && !stages.iter().any(|stage| stage == CURRENT);
        if takes_over {
            stages.push(CURRENT.to_owned());
        }
        let before = self.staged(CURRENT).map(|version| version.id.clone());
        for version in &mut self.versions {
            version.stages.retain(|own| !stages.contains(own));
        }
        if let Some(before) = before.filter(|_| stages.iter().any(|stage| stage == CURRENT)) {
            for version in &mut self.versions {
                version.stages.retain(|own| own != PREVIOUS);
                if version.id == before {
                    version.stages.push(PREVIOUS.to_owned());
                }
            }
        }
        self.versions.push(Version { id: id.to_owned(), stages, created: at });
        self.changed = at;
    }

    /// Takes out the oldest versions without a label, beyond what is kept; gives their ids.
    pub(crate) fn prune(&mut self) -> Vec<String> {
        let unlabelled: Vec<String> = self
            .versions
            .iter()
            .filter(|version| version.stages.is_empty())
            .map(|version| version.id.clone())
            .collect();
        let surplus = unlabelled.len().saturating_sub(UNLABELLED);
        let gone: Vec<String> = unlabelled.into_iter().take(surplus).collect();
        self.versions.retain(|version| !gone.contains(&version.id));
        gone
    }

    /// Version ids with their labels, as `DescribeSecret` shows them.
    pub(crate) fn stages(&self) -> Map<String, Value> {
        let labelled = self.versions.iter().filter(|version| !version.stages.is_empty());
        labelled.map(|version| (version.id.clone(), Value::from(version.stages.clone()))).collect()
    }
}

/// A secret value, as text or as bytes.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// `SecretString`.
    Text(Secret<String>),
    /// `SecretBinary`.
    Binary(Secret<Vec<u8>>),
}

impl Content {
    /// The bytes to seal: what it is, then itself.
    pub(crate) fn bytes(&self) -> Secret<Vec<u8>> {
        let (mark, content): (u8, &[u8]) = match self {
            Self::Text(text) => (b't', text.expose().as_bytes()),
            Self::Binary(bytes) => (b'b', bytes.expose()),
        };
        Secret::new([&[mark], content].concat())
    }

    /// Reads what [`Content::bytes`] made.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (mark, content) = bytes.split_first()?;
        match mark {
            b't' => Some(Self::Text(Secret::new(String::from_utf8(content.to_vec()).ok()?))),
            b'b' => Some(Self::Binary(Secret::new(content.to_vec()))),
            _ => None,
        }
    }
}

/// Seconds since the epoch with milliseconds, as JSON 1.1 writes times.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit a double exactly")]
pub(crate) fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1000.0
}

/// Reads a secret text, so that it is never shown by `Debug`.
pub(crate) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret<String>>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(Secret::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(record: &Record) -> Vec<(String, Vec<String>)> {
        record.versions.iter().map(|version| (version.id.clone(), version.stages.clone())).collect()
    }

    #[test]
    fn labels_move_as_aws_moves_them() {
        let mut record = Record {
            name: "s".into(),
            description: None,
            tags: vec![],
            created: Timestamp(0),
            changed: Timestamp(0),
            deleted: None,
            versions: vec![],
        };
        let current = [CURRENT.to_owned()];
        for id in ["1", "2", "3"] {
            record.add(id, &current, Timestamp(1));
        }
        record.add("4", &["AWSPENDING".to_owned()], Timestamp(2));
        let own = |text: &str| vec![text.to_owned()];
        assert_eq!(
            stages(&record),
            [
                ("1".to_owned(), vec![]),
                ("2".to_owned(), own(PREVIOUS)),
                ("3".to_owned(), own(CURRENT)),
                ("4".to_owned(), own("AWSPENDING"))
            ]
        );
    }
}
