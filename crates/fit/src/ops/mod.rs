//! Which IAM actions an operation of the SDK needs, and on what.
//!
//! Source: "Actions, resources, and condition keys for AWS services",
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>;
//! each table names its own page.

mod dynamodb;
mod messages;
mod names;
mod s3;
mod stores;

pub(crate) use names::prefix;

/// A kind of resource that a name in an argument may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Table,
    Bucket,
    Parameter,
    Secret,
    LogGroup,
    Function,
    Topic,
    Queue,
    Bus,
    Machine,
    Role,
    Key,
    Stream,
    Delivery,
    Pool,
}

/// What an action is authorized on, and which arguments say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// The action knows no resources, or none that its arguments name.
    Anything,
    /// A resource that one of these arguments names, by name, URL or ARN.
    One(Kind, &'static [&'static str]),
    /// The table, or the index that `IndexName` names.
    TableOrIndex,
    /// The tables that a batch or a transaction names.
    Tables(&'static str),
    /// The tables' streams.
    TableStream,
    /// The table that a `PartiQL` statement names, for statements that begin with this word.
    PartiQl(&'static str),
    /// An object: `Bucket` and `Key`.
    Object,
    /// The object that `CopySource` names.
    CopySource,
    /// The parameters below a path.
    ParameterPath,
    /// Log streams: everything below the group.
    LogStream,
    /// The key that encrypts the store.
    KeyOf(Kind),
}

/// When an action is needed at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// With each call.
    Always,
    /// If this argument is given.
    With(&'static str),
    /// If this argument is not given.
    Without(&'static str),
}

/// A line of a table: operations, the action (empty: of the operation's name), its resource, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) operations: &'static [&'static str],
    pub(crate) action: &'static str,
    pub(crate) on: On,
    pub(crate) when: When,
}

/// A row whose action is named like the operation.
const fn same(operations: &'static [&'static str], on: On) -> Row {
    Row { operations, action: "", on, when: When::Always }
}

/// A row whose action has its own name.
const fn named(operations: &'static [&'static str], action: &'static str, on: On) -> Row {
    Row { operations, action, on, when: When::Always }
}

impl Row {
    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    /// The action for one of the row's operations.
    pub(crate) fn action_for(&self, prefix: &str, operation: &str) -> String {
        match self.action {
            "" => format!("{prefix}:{operation}"),
            full if full.contains(':') => full.to_owned(),
            name => format!("{prefix}:{name}"),
        }
    }
}

/// A service's table.
#[derive(Debug)]
pub(crate) struct Service {
    /// The SDK's name.
    pub(crate) sdk: &'static str,
    /// The prefix of its actions.
    pub(crate) prefix: &'static str,
    pub(crate) rows: &'static [Row],
}

const SERVICES: &[&[Service]] = &[dynamodb::SERVICES, s3::SERVICES, stores::SERVICES, messages::SERVICES];

fn services() -> impl Iterator<Item = &'static Service> {
    SERVICES.iter().flat_map(|some| some.iter())
}

/// The rows of an operation; none if no table knows it.
pub(crate) fn rows(service: &str, operation: &str) -> Vec<(&'static Service, &'static Row)> {
    let of = services().filter(|s| s.sdk.eq_ignore_ascii_case(service));
    let all = of.flat_map(|s| s.rows.iter().map(move |row| (s, row)));
    all.filter(|(_, row)| row.operations.iter().any(|o| o.eq_ignore_ascii_case(operation))).collect()
}

/// All actions on stores of a kind that the tables know, and whether they are on what is inside of the store.
pub(crate) fn actions_on(kind: Kind) -> Vec<(String, Inside)> {
    let mut all = Vec::new();
    for service in services() {
        for row in service.rows {
            let Some((_, inside)) = touches(row.on).filter(|(k, _)| *k == kind) else { continue };
            let actions = row.operations.iter().map(|operation| row.action_for(service.prefix, operation));
            all.extend(actions.map(|action| (action, inside)));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Where in a store an action acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Inside {
    /// On the store itself.
    Itself,
    /// On its stream.
    Stream,
    /// On an object of it.
    Object,
    /// On a log stream.
    LogStream,
}

fn touches(on: On) -> Option<(Kind, Inside)> {
    Some(match on {
        On::One(kind, _) => (kind, Inside::Itself),
        On::TableOrIndex | On::Tables(_) | On::PartiQl(_) => (Kind::Table, Inside::Itself),
        On::TableStream => (Kind::Table, Inside::Stream),
        On::Object | On::CopySource => (Kind::Bucket, Inside::Object),
        On::ParameterPath => (Kind::Parameter, Inside::Itself),
        On::LogStream => (Kind::LogGroup, Inside::LogStream),
        On::Anything | On::KeyOf(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_whose_name_is_not_their_action() {
        let actions = |service: &str, operation: &str| {
            let found = rows(service, operation);
            found.iter().map(|(s, row)| row.action_for(s.prefix, operation)).collect::<Vec<_>>()
        };
        assert_eq!(actions("s3", "ListObjectsV2"), ["s3:ListBucket"]);
        assert_eq!(actions("s3", "HeadObject"), ["s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt"]);
        assert_eq!(actions("s3", "DeleteObjects"), ["s3:DeleteObject"]);
        assert_eq!(actions("stepfunctions", "StartExecution"), ["states:StartExecution"]);
        assert_eq!(actions("lambda", "Invoke"), ["lambda:InvokeFunction"]);
        assert_eq!(
            actions("dynamodb", "TransactGetItems"),
            ["dynamodb:GetItem"],
            "a transaction needs the actions of its items"
        );
        assert!(actions("ec2", "RunInstances").is_empty());
    }

    #[test]
    fn no_row_is_there_twice() {
        for service in services() {
            let mut seen = std::collections::HashSet::new();
            for row in service.rows {
                for operation in row.operations {
                    let key = (operation, row.action, format!("{:?}{:?}", row.when, row.on));
                    assert!(seen.insert(key), "{} {operation}", service.sdk);
                }
            }
        }
    }
}
