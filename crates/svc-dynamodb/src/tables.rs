//! What authorization must know of a table: its partition keys and its tags.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use burgward_service::ServiceError;
use serde_json::Value;

use crate::engine::{Engine, Layout};

/// Facts of one table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    partition: String,
    /// Index name to the name of its partition key.
    indexes: HashMap<String, String>,
    /// The table's tags.
    pub(crate) tags: Vec<(String, String)>,
}

impl Table {
    fn new(layout: &Layout) -> Self {
        let mut indexes = HashMap::new();
        for index in layout.indexes.iter().filter_map(Value::as_array).flatten() {
            let name = index.get("IndexName").and_then(Value::as_str);
            if let (Some(name), Some(key)) = (name, index.get("KeySchema").and_then(partition_of)) {
                indexes.insert(name.to_owned(), key);
            }
        }
        let tags = layout.tags.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(|tag| {
            let part = |name: &str| tag.get(name).and_then(Value::as_str).map(str::to_owned);
            part("Key").zip(part("Value"))
        });
        Self { partition: partition_of(&layout.key_schema).unwrap_or_default(), indexes, tags: tags.collect() }
    }

    /// The partition key's name, of the table or of one of its indexes.
    pub(crate) fn partition(&self, index: Option<&str>) -> Option<&str> {
        match index {
            None => Some(&self.partition),
            Some(index) => self.indexes.get(index).map(String::as_str),
        }
    }
}

fn partition_of(schema: &Value) -> Option<String> {
    let hash = |part: &&Value| part.get("KeyType").and_then(Value::as_str) == Some("HASH");
    schema.as_array()?.iter().find(hash)?.get("AttributeName")?.as_str().map(str::to_owned)
}

/// Facts by table name, each good for one generation of layouts.
#[derive(Debug, Default)]
pub(crate) struct Tables(RwLock<HashMap<String, (u64, Arc<Table>)>>);

impl Tables {
    /// The facts of a table; `None` if there is no such table.
    pub(crate) fn get(&self, engine: &Engine, name: &str) -> Result<Option<Arc<Table>>, ServiceError> {
        let generation = engine.generation();
        if let Some((known, table)) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name)
            && *known == generation
        {
            return Ok(Some(Arc::clone(table)));
        }
        let Some(layout) = engine.describe_blocking(name)? else { return Ok(None) };
        let table = Arc::new(Table::new(&layout));
        let mut tables = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // What belongs to an older generation is of no use to anyone; this keeps the map as small as the tables are.
        tables.retain(|_, (known, _)| *known == generation);
        tables.insert(name.to_owned(), (generation, Arc::clone(&table)));
        Ok(Some(table))
    }
}
