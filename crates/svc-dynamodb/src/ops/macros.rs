//! What every operation's file says in one line.

/// Makes an operation out of its access level, the actions it may need, its members, its lane and the engine's method.
///
/// The file that uses it adds `needs(&DynamoDb, &Body)` and `example(&Scope)`.
macro_rules! operation {
    ($(#[$doc:meta])* $name:ident: $access:ident, [$($action:literal),+], $members:ident, $lane:ident, $method:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name;

        impl burgward_service::Operation for $name {
            const INFO: burgward_service::OperationInfo = burgward_service::OperationInfo {
                service: "dynamodb",
                name: stringify!($name),
                actions: &[$($action),+],
                access: burgward_service::Access::$access,
            };
        }

        impl burgward_service::JsonOperation for $name {
            type State = crate::DynamoDb;
            type Input = crate::request::Body;

            fn parse(call: &burgward_service::Call) -> Result<Self::Input, burgward_service::ServiceError> {
                crate::request::read(call, crate::shapes::$members)
            }

            fn needs(
                state: &Self::State,
                body: &Self::Input,
                _: &burgward_service::Scope,
            ) -> Result<Vec<burgward_service::Need>, burgward_service::ServiceError> {
                needs(state, body)
            }

            async fn run(
                state: &Self::State,
                permit: burgward_service::Permit<Self>,
                mut body: Self::Input,
            ) -> Result<burgward_service::Reply, burgward_service::ServiceError> {
                crate::request::localise(&state.home, &mut body)?;
                let engine = &state.engine;
                let lane = crate::engine::Lane::$lane;
                let answer = engine.call(&permit, lane, body, |tables, request| tables.$method(request)).await?;
                Ok(burgward_service::Reply::raw(answer))
            }

            fn example(scope: &burgward_service::Scope) -> serde_json::Value {
                example(scope)
            }
        }
    };
}
