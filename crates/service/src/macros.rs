//! The table of a service's operations.

/// Makes a line of a table into module, registry entry, example and dispatch.
///
/// Written in a service's `ops/mod.rs`; each module is a file beside it that holds one [`JsonOperation`](crate::JsonOperation):
///
/// ```ignore
/// burgward_service::operations! {
///     state: crate::Ssm;
///     get_parameter: GetParameter,
///     put_parameter: PutParameter,
/// }
/// ```
///
/// It gives `OPERATIONS: &[&OperationInfo]`, `dispatch(&state, &guard, &call)` and `example(name, &scope)`.
#[macro_export]
macro_rules! operations {
    (state: $state:ty; $($module:ident: $operation:ident),+ $(,)?) => {
        $(mod $module;)+

        /// Every operation of this service.
        pub(crate) static OPERATIONS: &[&$crate::OperationInfo] =
            &[$(&<$module::$operation as $crate::Operation>::INFO),+];

        /// Runs the operation that was called; one that stands in no line here is refused.
        pub(crate) async fn dispatch(
            state: &$state,
            guard: &$crate::Guard,
            call: &$crate::Call,
        ) -> ::std::result::Result<$crate::Reply, $crate::ServiceError> {
            $(if call.operation().name == <$module::$operation as $crate::Operation>::INFO.name {
                return call.run::<$module::$operation>(state, guard).await;
            })+
            ::std::result::Result::Err($crate::ServiceError::unknown_operation(call.operation().name))
        }

        /// The smallest valid input of an operation.
        pub(crate) fn example(name: &str, scope: &$crate::Scope) -> ::serde_json::Value {
            $(if name == <$module::$operation as $crate::Operation>::INFO.name {
                return <$module::$operation as $crate::JsonOperation>::example(scope);
            })+
            ::serde_json::Value::Null
        }
    };
}
