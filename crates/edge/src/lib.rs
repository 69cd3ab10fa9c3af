//! The gateway: HTTPS in front of an app's functions, and TLS for the AWS endpoint.
//!
//! A request passes typed stages (`stages/`), each of which consumes the output of the one before; there is no way to
//! reach a function without having passed authorizer, key, throttle and quota.

mod account;
mod activity;
mod answer;
mod api;
mod authorizer;
mod config;
mod cors;
mod event;
mod gateway;
mod head;
mod header_names;
mod invoke;
mod keys;
mod listener;
mod memory;
mod paths;
mod record;
mod respond;
mod router;
mod seats;
mod stages;
mod stop;
mod tls;
mod unread;

pub use account::AccountLimits;
pub use config::{GatewayConfig, KeyInUse, PlanInUse};
pub use gateway::{Gateway, GatewayError, Parts};
pub use invoke::{Invocation, Invoke, InvokeFailure, Invoked};
pub use listener::{ListenLimits, Peer, Serving, serve_aws, serve_aws_stream};
pub use tls::{KeyStore, LocalCa, ServerTls, TlsError};
