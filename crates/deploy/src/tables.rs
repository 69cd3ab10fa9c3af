//! What another `up` changes of a table that is there already.
//!
//! What the template says now is made so, as `UpdateTable` can; what only a new table could have is refused. What the
//! template says as before, and somebody changed through the API since, stays, and is said: CloudFormation does not
//! revert drift either.

use std::collections::{BTreeMap, BTreeSet};

use burgward_template::model::Table;
use serde_json::{Value, json};

use crate::provision::service_error;
use crate::{DeployError, Deployment};

type Units = (i64, i64);

/// An index without its name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Index {
    /// Name, role and type of each key attribute.
    keys: Vec<(String, String, String)>,
    projection: String,
    projected: BTreeSet<String>,
}

/// How a table is laid out: the same whether `CreateTable` asks for it or `DescribeTable` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    keys: Vec<(String, String, String)>,
    local: BTreeMap<String, Index>,
    global: BTreeMap<String, Index>,
    billing: String,
    units: Option<Units>,
    /// Of global indexes, where capacity is provisioned.
    index_units: BTreeMap<String, Units>,
    stream: Option<String>,
    class: String,
    protected: bool,
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn units(value: &Value) -> Units {
    let of = |name: &str| value.pointer(&format!("/ProvisionedThroughput/{name}")).and_then(Value::as_i64);
    (of("ReadCapacityUnits").unwrap_or_default(), of("WriteCapacityUnits").unwrap_or_default())
}

impl Layout {
    fn of(table: &Value) -> Self {
        let types: BTreeMap<_, _> = list(table, "AttributeDefinitions")
            .iter()
            .filter_map(|d| Some((text(d, "/AttributeName")?, text(d, "/AttributeType")?)))
            .collect();
        let keys = |of: &Value| {
            let key = |k: &Value| {
                let name = text(k, "/AttributeName").unwrap_or_default();
                let kind = types.get(&name).cloned().unwrap_or_default();
                (name, text(k, "/KeyType").unwrap_or_default(), kind)
            };
            list(of, "KeySchema").iter().map(key).collect::<Vec<_>>()
        };
        let index = |index: &Value| Index {
            keys: keys(index),
            projection: text(index, "/Projection/ProjectionType").unwrap_or_else(|| "ALL".to_owned()),
            projected: index
                .get("Projection")
                .map_or(&[][..], |projection| list(projection, "NonKeyAttributes"))
                .iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
        };
        let indexes = |member: &str| {
            list(table, member).iter().map(|i| (text(i, "/IndexName").unwrap_or_default(), index(i))).collect()
        };
        let billing = text(table, "/BillingModeSummary/BillingMode").or_else(|| text(table, "/BillingMode"));
        let billing = billing.unwrap_or_else(|| "PROVISIONED".to_owned());
        let provisioned = billing == "PROVISIONED";
        let global = list(table, "GlobalSecondaryIndexes").iter().filter(|_| provisioned);
        let streams = table.pointer("/StreamSpecification/StreamEnabled") == Some(&Value::Bool(true));
        Self {
            keys: keys(table),
            local: indexes("LocalSecondaryIndexes"),
            global: indexes("GlobalSecondaryIndexes"),
            units: provisioned.then(|| units(table)),
            index_units: global.map(|i| (text(i, "/IndexName").unwrap_or_default(), units(i))).collect(),
            billing,
            stream: text(table, "/StreamSpecification/StreamViewType").filter(|_| streams),
            class: text(table, "/TableClassSummary/TableClass")
                .or_else(|| text(table, "/TableClass"))
                .unwrap_or_else(|| "STANDARD".to_owned()),
            protected: table.get("DeletionProtectionEnabled") == Some(&Value::Bool(true)),
        }
    }
}

/// What stands between a table and the template.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    /// Bodies of `UpdateTable`, without the table's name, in their order.
    updates: Vec<Value>,
    /// What was changed outside of the template and stays.
    drift: Vec<String>,
}

/// Why a table cannot become what the template says: what differs, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Obstacle(String, &'static str);

const REPLACED: &str =
    "AWS would replace the table and its data: give it another name, or start with an empty data directory";

/// The way from `found` to `create`, which was `former` at the last deployment, as far as that is known.
fn changes(found: &Value, create: &Value, former: Option<&Value>) -> Result<Changes, Obstacle> {
    let (found, wanted, former) = (Layout::of(found), Layout::of(create), former.map(Layout::of));
    if found.keys != wanted.keys {
        return Err(Obstacle("other keys".to_owned(), REPLACED));
    }
    if found.local != wanted.local {
        return Err(Obstacle("other local secondary indexes".to_owned(), REPLACED));
    }
    let mut changes = Changes::default();
    // Whether the template says it as before: then somebody changed the table since.
    let mut is_drift = |what: &str, as_before: Option<bool>| {
        let drift = as_before == Some(true);
        if drift {
            changes.drift.push(what.to_owned());
        }
        drift
    };
    let former = former.as_ref();
    if found.protected != wanted.protected
        && !is_drift("deletion protection", former.map(|f| f.protected == wanted.protected))
    {
        changes.updates.push(json!({"DeletionProtectionEnabled": wanted.protected}));
    }
    if found.class != wanted.class && !is_drift("table class", former.map(|f| f.class == wanted.class)) {
        changes.updates.push(json!({"TableClass": wanted.class}));
    }
    let capacity = |layout: &Layout| (layout.billing.clone(), layout.units);
    if capacity(&found) != capacity(&wanted)
        && !is_drift("billing mode or capacity", former.map(|f| capacity(f) == capacity(&wanted)))
    {
        let mut update = json!({"BillingMode": wanted.billing});
        if let (Some((read, write)), Some(update)) = (wanted.units, update.as_object_mut()) {
            let units = json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write});
            update.insert("ProvisionedThroughput".to_owned(), units);
        }
        changes.updates.push(update);
    }
    if found.stream != wanted.stream && !is_drift("stream", former.map(|f| f.stream == wanted.stream)) {
        // The view of a stream is fixed: another one is another stream.
        if found.stream.is_some() {
            changes.updates.push(json!({"StreamSpecification": {"StreamEnabled": false}}));
        }
        if let Some(view) = &wanted.stream {
            let stream = json!({"StreamEnabled": true, "StreamViewType": view});
            changes.updates.push(json!({"StreamSpecification": stream}));
        }
    }
    indexes(&found, &wanted, former, create, &mut changes)?;
    Ok(changes)
}

/// Global secondary indexes come and go with a call each, as AWS wants it.
fn indexes(
    found: &Layout,
    wanted: &Layout,
    former: Option<&Layout>,
    create: &Value,
    changes: &mut Changes,
) -> Result<(), Obstacle> {
    let update = |action: &str, what: Value| json!({"GlobalSecondaryIndexUpdates": [{action: what}]});
    for (name, index) in &found.global {
        match wanted.global.get(name) {
            Some(wanted) if wanted == index => {}
            Some(_) => {
                let hint = "CloudFormation does not alter an index either: give the index another name";
                return Err(Obstacle(format!("another index `{name}`"), hint));
            }
            None if former.is_some_and(|former| !former.global.contains_key(name)) => {
                changes.drift.push(format!("index `{name}`"));
            }
            None => changes.updates.push(update("Delete", json!({"IndexName": name}))),
        }
    }
    for index in list(create, "GlobalSecondaryIndexes") {
        let name = text(index, "/IndexName").unwrap_or_default();
        let before = former.and_then(|former| former.global.get(&name));
        if found.global.contains_key(&name) {
            let (has, wants) = (found.index_units.get(&name), wanted.index_units.get(&name));
            if let Some((read, write)) = wants.filter(|wants| has != Some(wants)) {
                if former.is_some_and(|former| former.index_units.get(&name) == wants) {
                    changes.drift.push(format!("capacity of index `{name}`"));
                    continue;
                }
                let units = json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write});
                changes.updates.push(update("Update", json!({"IndexName": name, "ProvisionedThroughput": units})));
            }
        } else if before.is_some() && before == wanted.global.get(&name) {
            changes.drift.push(format!("index `{name}`"));
        } else {
            let mut added = update("Create", index.clone());
            if let (Some(added), Some(types)) = (added.as_object_mut(), create.get("AttributeDefinitions")) {
                let keys: BTreeSet<_> = list(index, "KeySchema")
                    .iter()
                    .filter_map(|k| k.get("AttributeName"))
                    .map(ToString::to_string)
                    .collect();
                let of_keys = |d: &&Value| d.get("AttributeName").is_some_and(|name| keys.contains(&name.to_string()));
                let types = types.as_array().map_or(&[][..], Vec::as_slice).iter().filter(of_keys);
                added.insert("AttributeDefinitions".to_owned(), types.cloned().collect());
            }
            changes.updates.push(added);
        }
    }
    Ok(())
}

impl Deployment<'_> {
    /// Makes tables that are missing, and brings the others to what the template says. Nothing is changed if one of them
    /// cannot be brought there. Gives what a person should hear.
    pub(crate) async fn tables(&self) -> Result<Vec<String>, DeployError> {
        let mut ways = Vec::with_capacity(self.app.tables.len());
        for table in &self.app.tables {
            ways.push(self.way(table).await?);
        }
        let mut said = Vec::new();
        for (table, way) in self.app.tables.iter().zip(ways) {
            let failed = |error| service_error(&table.span, &table.name, error);
            let Some(changes) = way else {
                self.call("dynamodb", "CreateTable", table.create.clone()).await.map_err(failed)?;
                self.expiry(table, &mut said).await?;
                continue;
            };
            for mut update in changes.updates {
                if let Some(update) = update.as_object_mut() {
                    update.insert("TableName".to_owned(), json!(table.name));
                }
                self.call("dynamodb", "UpdateTable", update).await.map_err(failed)?;
            }
            said.extend(changes.drift.iter().map(|what| drifted(table, what)));
            self.expiry(table, &mut said).await?;
        }
        Ok(said)
    }

    /// What has to be changed of a table; nothing is known of one that is not there.
    async fn way(&self, table: &Table) -> Result<Option<Changes>, DeployError> {
        let found = match self.call("dynamodb", "DescribeTable", json!({"TableName": table.name})).await {
            Ok(found) => found,
            Err(error) if error.code() == "ResourceNotFoundException" => return Ok(None),
            Err(error) => return Err(service_error(&table.span, &table.name, error)),
        };
        let found = found.get("Table").cloned().unwrap_or_default();
        let former = self.tools.former.iter().find(|made| made.is_table(&table.name));
        let former = former.and_then(|made| made.layout.as_ref());
        changes(&found, &table.create, former).map(Some).map_err(|Obstacle(part, hint)| DeployError::WouldReplace {
            place: table.span.place(),
            what: table.name.clone(),
            part,
            hint,
        })
    }

    /// Switches the expiry of items on, off, or to another attribute.
    async fn expiry(&self, table: &Table, said: &mut Vec<String>) -> Result<(), DeployError> {
        let failed = |error| service_error(&table.span, &table.name, error);
        let name = json!({"TableName": table.name});
        let found = self.call("dynamodb", "DescribeTimeToLive", name).await.map_err(failed)?;
        let current = text(&found, "/TimeToLiveDescription/AttributeName")
            .filter(|_| text(&found, "/TimeToLiveDescription/TimeToLiveStatus").as_deref() != Some("DISABLED"));
        if current == table.ttl_attribute {
            return Ok(());
        }
        let former = self.tools.former.iter().find(|made| made.is_table(&table.name));
        if former.is_some_and(|made| made.layout.is_some() && made.expiry == table.ttl_attribute) {
            said.push(drifted(table, "time to live"));
            return Ok(());
        }
        let settings = [(current.as_ref(), false), (table.ttl_attribute.as_ref(), true)];
        for (attribute, enabled) in settings.into_iter().filter_map(|(name, on)| Some((name?, on))) {
            let setting = json!({"AttributeName": attribute, "Enabled": enabled});
            let body = json!({"TableName": table.name, "TimeToLiveSpecification": setting});
            self.call("dynamodb", "UpdateTimeToLive", body).await.map_err(failed)?;
        }
        Ok(())
    }
}

fn drifted(table: &Table, what: &str) -> String {
    format!(
        "{}: {what} of table `{}` was changed outside of the template, which says it as before: it stays",
        table.span.place(),
        table.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(more: &Value) -> Value {
        let mut table = json!({"TableName": "notes", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
        for (name, value) in more.as_object().unwrap() {
            table[name] = value.clone();
        }
        table
    }

    fn indexed(projection: &str) -> Value {
        create(&json!({
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "who", "AttributeType": "S"}],
            "GlobalSecondaryIndexes": [{"IndexName": "by-who", "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}],
                                        "Projection": {"ProjectionType": projection}}]}))
    }

    fn updates(found: &Value, wanted: &Value) -> Vec<Value> {
        let changes = changes(found, wanted, None).unwrap();
        assert!(changes.drift.is_empty());
        changes.updates
    }

    #[test]
    fn an_index_comes_and_goes() {
        let (plain, indexed) = (create(&json!({})), indexed("ALL"));
        assert_eq!(
            updates(&plain, &indexed),
            [json!({"GlobalSecondaryIndexUpdates": [{"Create": indexed["GlobalSecondaryIndexes"][0]}],
                    "AttributeDefinitions": [{"AttributeName": "who", "AttributeType": "S"}]})]
        );
        let delete = json!({"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-who"}}]});
        assert_eq!(updates(&indexed, &plain), [delete]);
        assert!(updates(&indexed, &indexed).is_empty());
    }

    #[test]
    fn an_altered_index_or_key_is_refused() {
        let Obstacle(part, _) = changes(&indexed("ALL"), &indexed("KEYS_ONLY"), None).unwrap_err();
        assert_eq!(part, "another index `by-who`");
        let number = create(&json!({"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}]}));
        assert_eq!(changes(&create(&json!({})), &number, None), Err(Obstacle("other keys".to_owned(), REPLACED)));
        let local = create(&json!({"LocalSecondaryIndexes": [{"IndexName": "l"}]}));
        let Obstacle(part, _) = changes(&create(&json!({})), &local, None).unwrap_err();
        assert_eq!(part, "other local secondary indexes");
    }

    #[test]
    fn switches_follow_the_template() {
        let units = json!({"ReadCapacityUnits": 2, "WriteCapacityUnits": 1});
        let other = create(&json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units,
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
            "TableClass": "STANDARD_INFREQUENT_ACCESS", "DeletionProtectionEnabled": true}));
        assert_eq!(
            updates(&create(&json!({})), &other),
            [
                json!({"DeletionProtectionEnabled": true}),
                json!({"TableClass": "STANDARD_INFREQUENT_ACCESS"}),
                json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units}),
                json!({"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}}),
            ]
        );
        assert_eq!(
            updates(&other, &create(&json!({}))),
            [
                json!({"DeletionProtectionEnabled": false}),
                json!({"TableClass": "STANDARD"}),
                json!({"BillingMode": "PAY_PER_REQUEST"}),
                json!({"StreamSpecification": {"StreamEnabled": false}}),
            ]
        );
    }

    #[test]
    fn what_was_changed_outside_stays_and_is_named() {
        let (plain, indexed) = (create(&json!({})), indexed("ALL"));
        let drift = |found: &Value, both: &Value| {
            let changes = changes(found, both, Some(both)).unwrap();
            assert_eq!(changes.updates, [] as [Value; 0]);
            changes.drift
        };
        assert_eq!(drift(&indexed, &plain), ["index `by-who`"]);
        assert_eq!(drift(&plain, &indexed), ["index `by-who`"]);
        assert_eq!(drift(&create(&json!({"DeletionProtectionEnabled": true})), &plain), ["deletion protection"]);
    }
}
