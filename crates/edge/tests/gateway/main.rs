//! The gateway from outside: real TLS connections, a stand-in for Lambda, exact events and answers.

mod authorizers;
mod client;
mod events;
mod limits;
mod responses;
mod routing;
mod setup;
mod smuggling;
mod tls;
