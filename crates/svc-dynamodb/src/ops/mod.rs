//! The table of operations; a file each.
//!
//! `PartiQL` (`ExecuteStatement`, `BatchExecuteStatement`, `ExecuteTransaction`) is absent: its statements name their
//! tables and keys in a language of their own, and what is not understood is not authorized.

#[macro_use]
mod macros;

burgward_service::operations! {
    state: crate::DynamoDb;
    batch_get_item: BatchGetItem,
    batch_write_item: BatchWriteItem,
    create_table: CreateTable,
    delete_item: DeleteItem,
    delete_table: DeleteTable,
    describe_table: DescribeTable,
    describe_time_to_live: DescribeTimeToLive,
    get_item: GetItem,
    list_tables: ListTables,
    list_tags_of_resource: ListTagsOfResource,
    put_item: PutItem,
    query: Query,
    scan: Scan,
    tag_resource: TagResource,
    transact_get_items: TransactGetItems,
    transact_write_items: TransactWriteItems,
    untag_resource: UntagResource,
    update_item: UpdateItem,
    update_table: UpdateTable,
    update_time_to_live: UpdateTimeToLive,
}
