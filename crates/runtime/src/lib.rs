//! Runs functions: their sandboxes' life, the Lambda Runtime API inside each of them, and the pools that reuse them.
//!
//! An invocation goes `Runtime::invoke -> pool -> instance -> Runtime API (inside the sandbox) -> bootstrap -> handler`
//! and its answer the same way back. Credentials, the AWS endpoint and logs are given to this crate through [`Host`];
//! it knows nothing of IAM, TLS or storage.
//!
//! Invariants:
//! - A sandbox serves one invocation at a time, and its identity is the descriptor that a connection came in by.
//! - Whatever code inside the sandbox does, the host's memory, tasks and connections for it stay bounded.
//! - When a sandbox ends, by any way, [`Host::revoke`] is called for it exactly once.

mod api;
mod config;
mod environment;
mod host;
mod instance;
mod invocation;
mod launch;
mod layers;
mod logs;
mod outcome;
mod pool;
mod report;
mod runtime;
mod spec;

pub use burgward_sandbox::Bind;
pub use config::{ConfigError, FunctionConfig, Isolation, PythonRuntime};
pub use environment::{check_environment_size, check_variable};
pub use host::{ConnectionSlot, FunctionCredentials, Host};
pub use invocation::{Invocation, InvokeError, Invoked};
pub use runtime::{Limits, Runtime};
